use super::*;

#[test]
fn people_have_homes_and_daemons_do_not() {
    let passwd = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/x\nann:x:1000:1000::/data/ann:/x\n\
                  odd:x:1001:1001::/:/x\nnobody:x:65534:65534::/nonexistent:/x\nbroken line\nbin:x:1002::/usr/x:/x\n";
    let expected = ["/root", "/data/ann", "/nonexistent"].map(PathBuf::from);
    assert_eq!(homes(passwd), expected);
}
