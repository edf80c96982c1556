use super::*;

#[test]
fn people_have_homes_and_daemons_do_not() {
    let passwd = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/x\nann:x:1000:1000::/data/ann:/x\n\
                  odd:x:1001:1001::/:/x\nnobody:x:65534:65534::/nonexistent:/x\nbroken line\nbin:x:1002:1002::/usr/x:/x\n";
    let expected = ["/root", "/data/ann", "/nonexistent"].map(PathBuf::from);
    assert_eq!(homes(passwd), expected);
}

fn show(source: &str, writable: bool) -> Part {
    Part::Show { source: source.into(), folder: true, writable }
}

#[test]
fn only_what_changes_something_is_done() {
    let check = |parts: &[(&str, Part)], expected: &[(&str, Part)]| {
        let paths = |parts: &[(&str, Part)]| parts.iter().map(|(path, part)| (path.into(), part.clone())).collect();
        let expected: Vec<(PathBuf, Part)> = paths(expected);
        assert_eq!(arrange(paths(parts).into_iter().collect()), expected);
    };
    // An empty folder in an empty one; a folder that can be seen anyway.
    check(&[("/a", Part::Empty), ("/a/b", Part::Empty), ("/a/c", Part::Blank)], &[("/a", Part::Empty)]);
    check(&[("/a", show("/a", false))], &[]);
    check(&[("/a", show("/a", true))], &[("/a", show("/a", true))]);
    // The way to what is shown, once.
    check(
        &[("/a", Part::Empty), ("/a/b/c", show("/a/b/c", false)), ("/a/b/d/e", show("/a/b/d/e", true))],
        &[
            ("/a", Part::Empty),
            ("/a/b", Part::Folder),
            ("/a/b/c", show("/a/b/c", false)),
            ("/a/b/d", Part::Folder),
            ("/a/b/d/e", show("/a/b/d/e", true)),
        ],
    );
    // A secret in what is shown; what can be written in what cannot.
    check(
        &[
            ("/a", show("/a", false)),
            ("/a/k", Part::Blank),
            ("/a/r", show("/a/r", false)),
            ("/a/w", show("/a/w", true)),
        ],
        &[("/a/k", Part::Blank), ("/a/w", show("/a/w", true))],
    );
    // A link in a home is found by its own name.
    check(
        &[("/h", Part::Empty), ("/h/link", show("/x", false))],
        &[("/h", Part::Empty), ("/h/link", show("/x", false))],
    );
}

#[test]
fn a_program_needs_what_it_was_installed_with() {
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR").to_owned() + "/target").unwrap();
    let folder = std::fs::canonicalize(folder.path()).unwrap();
    let check = |program: &str, expected: &[&str]| {
        let expected: Vec<PathBuf> = expected.iter().map(|path| folder.join(path)).collect();
        assert_eq!(around(&folder.join(program)).unwrap(), expected, "{program}");
    };
    for path in ["home/.ssh", "home/bin", "home/.local/bin", "home/tools/bin", "home/src", "links"] {
        std::fs::create_dir_all(folder.join(path)).unwrap();
    }
    for path in ["home/bin/x", "home/.local/bin/x", "home/tools/bin/x", "home/src/x", "home/x"] {
        std::fs::write(folder.join(path), "").unwrap();
    }
    std::os::unix::fs::symlink(folder.join("home/tools/bin/x"), folder.join("links/x")).unwrap();
    check("home/tools/bin/x", &["home/tools"]);
    check("home/src/x", &["home/src"]);
    check("home/bin/x", &["home/bin"]);
    check("home/.local/bin/x", &["home/.local/bin"]);
    check("home/x", &["home/x"]);
    check("links/x", &["home/tools", "links"]);
}
