//! Level native: namespaces made by the system's own tools, for machines without bubblewrap.
//!
//! `unshare` makes the namespaces and runs a second script in them as their root. That script empties, blanks and shows
//! (see [`super::view`]), makes everything else read-only, and gives all rights up before the program starts. The
//! program cannot take any of it back: mounts that it inherits are locked in every namespace it can make.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::quote::{Line, word};
use super::script::{self, Identity, Launch};
use super::view::{Part, SCRATCH};
use super::{Level, SandboxError};

/// Where sources wait until their place has been emptied. What is usually there is not shown.
const STASH: &str = "/sys";

/// Folders and files under `/dev` that reach other programs: shared memory, message queues, terminals.
const DEVICES: [(&str, Part); 5] = [
    ("/dev/console", Part::Blank),
    ("/dev/mqueue", Part::Empty),
    ("/dev/pts", Part::Empty),
    ("/dev/shm", Part::Empty),
    ("/dev/tty", Part::Blank),
];

/// Flags that a remount must keep: in a user namespace none of them may be dropped.
const KEPT_FLAGS: [&str; 7] = ["noatime", "nodev", "nodiratime", "noexec", "nosuid", "nosymfollow", "relatime"];

/// Writes the end of the script, from `exec` on.
pub(super) fn write(launch: &Launch, program: &Line) -> Result<String, SandboxError> {
    let tools = &launch.way.tools;
    let (Some(unshare), Some(setpriv)) = (&tools.unshare, &tools.setpriv) else {
        return Err(SandboxError::Unavailable {
            wanted: Level::Native,
            reason: "unshare or setpriv is not there".to_owned(),
        });
    };
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let inner = inside(launch, &mounts(&table))?;
    let mut line = script::environment(launch.confined, SCRATCH)?;
    // Dies with whoever started it; unshare passes that on to the namespaces' first process.
    line.word(setpriv)?.plain("--pdeathsig KILL --").word(unshare)?;
    line.plain("--mount --propagation private --net --ipc --uts --pid --fork --kill-child");
    if launch.identity == Identity::Own {
        line.plain("--user --map-root-user");
    }
    line.plain("-- /bin/sh -c").word(inner)?.plain("sh").plain(program.text());
    Ok(line.text().to_owned())
}

/// The second script; its arguments are the program and its arguments.
fn inside(launch: &Launch, mounts: &[Mount]) -> Result<String, SandboxError> {
    let mut parts = launch.view.parts.clone();
    parts.extend(DEVICES.into_iter().map(|(path, part)| (PathBuf::from(path), part)).filter(|(path, _)| path.exists()));
    let mut script = Script::default();
    script.tmpfs(SMALL, Path::new(STASH))?;
    script.stash(&parts, true)?;
    for open in mounts.iter().filter(|mount| is_seen(&mount.path, &parts)) {
        script.mount(&format!("-o remount,bind,ro{}", open.flags), Path::new("none"), &open.path)?;
    }
    script.stash(&parts, false)?;
    // Of the new process namespace: no other program's environment, memory or command line; no setting of the kernel.
    script.mount("-t proc -o ro,nosuid,nodev,noexec", Path::new("proc"), Path::new("/proc"))?;
    let mut closing = vec![Path::new(STASH)];
    for (index, (path, part)) in parts.iter().enumerate() {
        match part {
            Part::Scratch => script.tmpfs(&format!("mode=1777,size={}", launch.scratch_bytes()), path)?,
            Part::Empty => {
                let used = parts.get(index + 1).is_some_and(|(next, _)| next.starts_with(path));
                script.tmpfs(&format!("{}{SMALL}", if used { "" } else { "ro," }), path)?;
                closing.extend(used.then_some(path.as_path()));
            }
            Part::Folder => script.line(&format!("mkdir {}", word(path)?)),
            Part::Blank => script.mount("--bind", Path::new("/dev/null"), path)?,
            Part::Show { folder, .. } => {
                let place = word(path)?;
                let make = if *folder { format!("mkdir {place}") } else { format!(": > {place}") };
                script.line(&format!("[ -e {place} ] || {make}"));
                script.mount("--move", &PathBuf::from(format!("{STASH}/{index}")), path)?;
            }
        }
    }
    for path in closing {
        script.mount("-o remount,bind,ro,nosuid,nodev", Path::new("none"), path)?;
    }
    let mut enter = Line::default();
    script.line(enter.option("cd", launch.working_folder())?.text());
    let mut last = Line::default();
    // Of its own session: a program cannot type into our terminal.
    if let Some(setsid) = &launch.way.tools.setsid {
        last.word(setsid)?;
    }
    launch.drop_rights(&mut last)?;
    last.plain("\"$@\"");
    // This shell stays, as the first process: a change of user would undo that it dies with its parent, and a program
    // that were the first itself could not be stopped by every signal.
    script.line(&format!("set +e\n{}\nexit $?", last.text()));
    Ok(script.0)
}

/// Says whether the program will see anything of the mount at `path`: it does not lie in what is emptied, or bears
/// something that is shown there, or lies in that.
fn is_seen(path: &Path, parts: &[(PathBuf, Part)]) -> bool {
    let emptied = |part: &Part| matches!(part, Part::Empty | Part::Scratch);
    let covered = [STASH, "/proc"].iter().any(|hole| path.starts_with(hole))
        || parts.iter().any(|(hole, part)| emptied(part) && path.starts_with(hole));
    let shown =
        |part: &Part| matches!(part, Part::Show { source, .. } if source.starts_with(path) || path.starts_with(source));
    !covered || parts.iter().any(|(_, part)| shown(part))
}

/// Options of a file system that holds places for mounts only.
const SMALL: &str = "mode=755,size=64k";

/// The second script; the first line that fails ends it.
struct Script(String);

impl Default for Script {
    fn default() -> Self {
        Script("set -e\numask 022\n".to_owned())
    }
}

impl Script {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// One run of `mount`. A table for many at once would be faster, but `mount -a` skips what it takes for done without
    /// a word, remounts among them.
    fn mount(&mut self, options: &str, source: &Path, place: &Path) -> Result<(), SandboxError> {
        self.line(&format!("mount -n -i {options} {} {}", word(source)?, word(place)?));
        Ok(())
    }

    /// An empty file system in memory.
    fn tmpfs(&mut self, options: &str, place: &Path) -> Result<(), SandboxError> {
        self.mount(&format!("-t tmpfs -o nosuid,nodev,{options}"), Path::new("tmpfs"), place)
    }

    /// Puts the sources of what is shown aside. Those that may be written are taken before everything becomes
    /// read-only, the others after, so that each comes with its own rights, and with those of the mounts inside it.
    fn stash(&mut self, parts: &[(PathBuf, Part)], wanted: bool) -> Result<(), SandboxError> {
        for (index, (_, part)) in parts.iter().enumerate() {
            if let Part::Show { source, folder, writable } = part
                && *writable == wanted
            {
                let place = format!("{STASH}/{index}");
                self.line(&if *folder { format!("mkdir {place}") } else { format!(": > {place}") });
                self.mount("--rbind", source, Path::new(&place))?;
            }
        }
        Ok(())
    }
}

/// A mount that can be written to.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    path: PathBuf,
    /// What a remount keeps, each with a comma before it.
    flags: String,
}

/// Reads the mounts that can be reached and written to from the text of `/proc/self/mountinfo`.
fn mounts(table: &str) -> Vec<Mount> {
    let entries: Vec<Entry> = table.lines().filter_map(Entry::read).collect();
    let parents: HashMap<&str, &str> = entries.iter().map(|entry| (entry.number, entry.parent)).collect();
    let stands_on = |upper: &Entry, lower: &Entry| {
        let mut number = upper.number;
        // A damaged table must not lead round in circles.
        for _ in 0..entries.len() {
            match parents.get(number) {
                Some(parent) if *parent == lower.number => return true,
                Some(parent) => number = parent,
                None => return false,
            }
        }
        false
    };
    // What stands over a mount without bearing it hides it.
    let hides = |over: &Entry, entry: &Entry| {
        over.number != entry.number && entry.path.starts_with(&over.path) && !stands_on(entry, over)
    };
    let open = entries.iter().filter(|entry| entry.options.split(',').any(|option| option == "rw"));
    open.filter(|entry| !entries.iter().any(|over| hides(over, entry)))
        .map(|entry| {
            let kept = entry.options.split(',').filter(|option| KEPT_FLAGS.contains(option));
            Mount { path: entry.path.clone(), flags: kept.map(|option| format!(",{option}")).collect() }
        })
        .collect()
}

/// One line of the table of mounts.
struct Entry<'a> {
    number: &'a str,
    parent: &'a str,
    path: PathBuf,
    options: &'a str,
}

impl Entry<'_> {
    fn read(line: &str) -> Option<Entry<'_>> {
        let mut fields = line.split(' ');
        let (number, parent) = (fields.next()?, fields.next()?);
        let mut fields = fields.skip(2);
        let path = PathBuf::from(unescaped(fields.next()?));
        Some(Entry { number, parent, path, options: fields.next()? })
    }
}

/// Resolves the octal numbers that stand for spaces and their like.
fn unescaped(field: &str) -> String {
    let escapes = [("\\043", "#"), ("\\012", "\n"), ("\\011", "\t"), ("\\040", " "), ("\\134", "\\")];
    escapes.iter().fold(field.to_owned(), |text, (escape, letter)| text.replace(escape, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_from_a_mount_in_a_hole_makes_it_read_only_too() {
        let shown = Part::Show { source: "/people/ann/tools".into(), folder: true, writable: false };
        let parts = [("/people", Part::Empty), ("/people/ann/tools", shown), ("/tmp", Part::Scratch)];
        let parts = parts.map(|(path, part)| (PathBuf::from(path), part));
        for path in ["/", "/srv", "/people", "/people/ann", "/people/ann/tools/deep", "/people/ann/tools"] {
            assert!(is_seen(Path::new(path), &parts), "{path}");
        }
        for path in ["/tmp", "/people/bob", "/people/ann/other", "/sys/fs", "/proc"] {
            assert!(!is_seen(Path::new(path), &parts), "{path}");
        }
    }

    #[test]
    fn writable_mounts_are_found_with_the_flags_that_must_stay() {
        let table = "23 22 8:3 / /data/my\\040disk rw,noatime - ext4 /dev/sdc rw\n\
                     20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n\
                     21 20 0:5 / /proc ro,nosuid - proc proc rw\n\
                     22 20 8:2 / /data rw,nosuid,nodev,relatime - ext4 /dev/sdb rw\n\
                     24 23 8:4 / /data/my\\040disk rw,idmapped,noexec - ext4 /dev/sdd rw\n\
                     25 20 8:5 / /covered/deep rw - ext4 /dev/sde rw\n\
                     26 20 8:6 / /covered ro - ext4 /dev/sdf rw\nbroken\n";
        let mount = |path: &str, flags: &str| Mount { path: path.into(), flags: flags.to_owned() };
        let expected =
            [mount("/", ",relatime"), mount("/data", ",nosuid,nodev,relatime"), mount("/data/my disk", ",noexec")];
        assert_eq!(mounts(table), expected);
    }
}
