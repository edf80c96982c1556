//! The shell script that confines a program: limits, a clean environment, then the launcher of the level.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::native;
use super::quote::Line;
use super::tools::Tools;
use super::view::{self, Part, SCRATCH, View};
use super::{Confined, Level, Limits, PrivateFolder, SandboxError};

/// The user without rights.
pub(super) const NOBODY: u32 = 65_534;
/// Where programs are looked for, inside and for the launchers.
pub(super) const SEARCH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Open files and sockets of one program.
const OPEN_FILES: u64 = 4096;
/// Processes and threads of all programs that run as the user without rights.
const PROCESSES: u64 = 4096;
/// Bytes of the private temporary folder, which lies in memory, unless files may be larger.
const SCRATCH_BYTES: u64 = 256 << 20;

/// As whom a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// As the user without rights; only root can arrange it.
    Nobody,
    /// With the file access of our own user, under another number, without any capability.
    Own,
}

/// A way to confine programs that this machine may have.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) level: Level,
    pub(super) identity: Identity,
    /// Whether we are root.
    pub(super) root: bool,
    pub(super) tools: Tools,
    /// Level none: the folder that holds the private temporary folders.
    pub(super) scratch: Arc<PrivateFolder>,
}

/// Writes the script. Its own arguments are passed on, after those of `confined` where `fixed` asks for these.
pub(super) fn write(way: &Way, confined: &Confined, hidden: &[PathBuf], fixed: bool) -> Result<String, SandboxError> {
    let mut program = Line::default();
    program.word(&confined.program)?;
    for argument in confined.arguments.iter().filter(|_| fixed) {
        program.word(argument)?;
    }
    program.plain("\"$@\"");
    let mut script = preamble(&confined.limits);
    let body = match way.level {
        Level::None => bare(way, confined, &program)?,
        Level::Native | Level::Strict => {
            let as_root = way.root && way.identity == Identity::Own;
            let mut view = view::plan(confined, hidden, as_root)?;
            let mut identity = way.identity;
            if identity == Identity::Nobody && !view.open_to_all {
                // What only our user can read must be read as our user.
                tracing::warn!(
                    "{} runs with root's access to files, for not all may use its program or its folders",
                    confined.program.display()
                );
                identity = Identity::Own;
                view = view::plan(confined, hidden, true)?;
            }
            if identity == Identity::Nobody {
                // Shells differ in the letter. An ordinary user's other programs would be counted as well.
                script.push_str(&format!("ulimit -u {PROCESSES} 2>/dev/null || ulimit -p {PROCESSES} 2>/dev/null\n"));
            }
            let launch = Launch { way, confined, view: &view, identity };
            if way.level == Level::Strict { launch.strict(&program)? } else { native::write(&launch, &program)? }
        }
    };
    script.push_str(&body);
    script.push('\n');
    Ok(script)
}

fn preamble(limits: &Limits) -> String {
    let mut lines = vec![format!("PATH={SEARCH}"), "export PATH".to_owned(), "umask 022".to_owned()];
    let mut limit = |letter: char, value: u64| lines.push(format!("ulimit -{letter} {value} 2>/dev/null"));
    // A limit that cannot be set is stricter already. The stack stays as it is where none is named: threads take its
    // size for theirs.
    limit('c', 0);
    limit('n', OPEN_FILES);
    if let Some(seconds) = limits.cpu_seconds {
        limit('t', seconds.max(1));
    }
    if let Some(bytes) = limits.file_bytes {
        limit('f', bytes.div_ceil(512));
    }
    if let Some(bytes) = limits.address_space {
        limit('v', bytes.div_ceil(1024));
    }
    if let Some(bytes) = limits.stack {
        limit('s', bytes.div_ceil(1024));
    }
    lines.insert(0, "#!/bin/sh".to_owned());
    lines.push(String::new());
    lines.join("\n")
}

/// `exec env -i` with the whole environment of the program. A launcher must not have more: what it was given stays
/// readable in its entry in `/proc`.
pub(super) fn environment(confined: &Confined, scratch: &str) -> Result<Line, SandboxError> {
    let mut line = Line::default();
    line.plain("exec env -i").plain(&format!("PATH={SEARCH}"));
    for (name, value) in &confined.environment {
        let known = name.to_str().filter(|name| is_name(name));
        let known = known.ok_or_else(|| SandboxError::BadName { name: name.to_string_lossy().into_owned() })?;
        let mut pair = std::ffi::OsString::from(format!("{known}="));
        pair.push(value);
        line.word(pair)?;
    }
    line.plain(&format!("HOME={scratch} TMPDIR={scratch}"));
    Ok(line)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Level none: a private temporary folder by the number of the process, which the program keeps. Folders of programs
/// that are gone are swept out first; the rest goes with the sandbox.
fn bare(way: &Way, confined: &Confined, program: &Line) -> Result<String, SandboxError> {
    let mut script = String::new();
    let mut enter = Line::default();
    enter.option("cd", way.scratch.path())?.plain("|| exit 126");
    script.push_str(enter.text());
    script.push_str(
        "\nfor old in *; do\n  [ -d \"$old\" ] && [ \"$old\" != $$ ] && { kill -0 \"$old\" 2>/dev/null || rm -rf -- \"$old\"; }\ndone\n\
         [ ! -e $$ ] || rm -rf $$\nmkdir -m 700 $$ || exit 126\ncd $$ || exit 126\nscratch=$PWD\n",
    );
    if let Some(folder) = &confined.working_folder {
        view::whole(folder)?;
        let mut enter = Line::default();
        enter.option("cd", folder)?.plain("|| exit 126\n");
        script.push_str(enter.text());
    }
    view::whole(&confined.program)?;
    let mut line = environment(confined, "\"$scratch\"")?;
    if let Some(setpriv) = way.tools.setpriv.as_ref().filter(|_| cfg!(target_os = "linux")) {
        // Lean's workers lead groups of their own: killing the server's group does not reach them.
        line.word(setpriv)?.plain("--pdeathsig KILL --");
    }
    line.plain(program.text());
    script.push_str(line.text());
    Ok(script)
}

/// What the launchers of both higher levels need to know.
pub(super) struct Launch<'a> {
    pub(super) way: &'a Way,
    pub(super) confined: &'a Confined,
    pub(super) view: &'a View,
    pub(super) identity: Identity,
}

impl Launch<'_> {
    pub(super) fn working_folder(&self) -> &Path {
        self.confined.working_folder.as_deref().unwrap_or(Path::new(SCRATCH))
    }

    pub(super) fn scratch_bytes(&self) -> u64 {
        SCRATCH_BYTES.max(self.confined.limits.file_bytes.unwrap_or(0))
    }

    /// Gives up the last rights: user, groups, capabilities, and the chance to gain any.
    pub(super) fn drop_rights(&self, line: &mut Line) -> Result<(), SandboxError> {
        if let Some(setpriv) = &self.way.tools.setpriv {
            line.word(setpriv)?.plain("--no-new-privs --inh-caps=-all --bounding-set=-all");
            if self.identity == Identity::Nobody {
                line.plain(&format!("--reuid {NOBODY} --regid {NOBODY} --clear-groups"));
            }
            line.plain("--");
        }
        Ok(())
    }

    /// Bubblewrap.
    fn strict(&self, program: &Line) -> Result<String, SandboxError> {
        let mut line = environment(self.confined, SCRATCH)?;
        line.word(self.way.tools.bubblewrap.as_deref().unwrap_or(Path::new("bwrap")))?;
        line.plain("--unshare-net --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try");
        // Of its own session: a program cannot type into our terminal.
        line.plain("--die-with-parent --new-session --cap-drop ALL");
        match self.identity {
            // Real root mounts; then setpriv makes it nobody. Mapped users would keep root's access to files.
            Identity::Nobody => line.plain("--cap-add CAP_SETUID --cap-add CAP_SETGID --cap-add CAP_SETPCAP"),
            Identity::Own => line.plain(&format!("--unshare-user --uid {NOBODY} --gid {NOBODY}")),
        };
        line.plain("--ro-bind / / --dev /dev --proc /proc");
        // Settings of the kernel belong to root, capabilities or not.
        let mut closing = vec![Path::new("/proc"), Path::new("/dev/shm")];
        line.plain("--tmpfs /dev/shm");
        for (path, part) in &self.view.parts {
            match part {
                Part::Scratch => {
                    if self.way.tools.bubblewrap_sizes {
                        line.plain(&format!("--size {} --perms 1777", self.scratch_bytes()));
                    }
                    line.option("--tmpfs", path)?;
                }
                Part::Empty => {
                    line.option("--tmpfs", path)?;
                    closing.push(path);
                }
                Part::Folder => {
                    // Folders that bubblewrap makes on its own are closed to others.
                    line.option("--dir", path)?;
                }
                Part::Blank => {
                    line.plain("--ro-bind /dev/null").word(path)?;
                }
                Part::Show { source, writable, .. } => {
                    line.plain(if *writable { "--bind" } else { "--ro-bind" }).word(source)?.word(path)?;
                }
            }
        }
        for path in closing {
            line.option("--remount-ro", path)?;
        }
        line.option("--chdir", self.working_folder())?.plain("--");
        if self.identity == Identity::Nobody {
            self.drop_rights(&mut line)?;
        }
        line.plain(program.text());
        Ok(line.text().to_owned())
    }
}
