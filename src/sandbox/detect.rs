//! Finds out what really works on this machine: a probe is run under each way to confine, and must find itself confined.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use super::script::{self, Identity, Way};
use super::tools::Tools;
use super::{Confined, Level, Limits, PrivateFolder, Sandbox, SandboxError, Wanted, view};

/// How long one probe may take; a machine under load takes tenths of a second.
const PROBE_TIME: Duration = Duration::from_secs(20);
const PROBE_MEMORY: u64 = 512 << 20;

/// What the probe looks at: its private temporary folder, its limits, and for the higher levels a folder that anybody
/// could write to, a foreign temporary folder, the network and the rights of its own process.
const PROBE: &str = r#"
fail() { echo "$1" >&2; exit 1; }
echo probe > "$TMPDIR/probe" || fail 'the private temporary folder cannot be written'
[ "$1" = none ] && exit 0
[ "$(ulimit -v)" = "$2" ] || fail 'limits on memory have no effect'
echo probe 2>/dev/null > "$3/outside" && fail 'files outside can be written'
while read -r device place kind options rest; do
  if [ "$place" = / ]; then case $options in ro|ro,*) closed=1 ;; *) closed=0 ;; esac; fi
done < /proc/self/mounts
[ "$closed" = 1 ] || fail 'the files of the system can be written'
[ -e "$4" ] && fail 'temporary files of others can be seen'
[ -n "$HELD" ] || fail 'the environment does not arrive'
here=$(readlink /proc/self/ns/net) && [ "$here" != "$5" ] || fail 'the network can be seen'
seen=0
while read -r name value; do
  case $name in
    CapEff:|CapPrm:|CapBnd:) case $value in *[1-9a-f]*) fail 'capabilities are left' ;; esac ;;
    NoNewPrivs:) seen=1; [ "$value" = 1 ] || fail 'new rights can be gained' ;;
  esac
done < /proc/self/status
[ $seen = 1 ] || fail 'its own process cannot be seen'
exit 0
"#;

impl Sandbox {
    /// Finds the best level that works here within `wanted`, by running a probe under each way to confine programs.
    ///
    /// # Errors
    /// Fails when the level that was asked for is not to be had; the message says why and what mends it.
    pub async fn detect(wanted: Wanted) -> Result<Sandbox, SandboxError> {
        let probing = PrivateFolder::new()?;
        let mut shortfalls = Vec::new();
        let hidden = homes().await;
        let scratch = Arc::new(PrivateFolder::new()?);
        for way in ways(&Tools::find().await, &scratch) {
            if !wanted.allows(way.level) {
                continue;
            }
            let found = Sandbox { way: Arc::new(way), shortfalls: Arc::default(), hidden: hidden.clone().into() };
            match found.probe(probing.path(), scratch.path()).await {
                Ok(()) => {
                    shortfalls.extend(lacking(&found.way));
                    return Ok(Sandbox { shortfalls: shortfalls.into(), ..found });
                }
                Err(reason) => shortfalls.push(format!("{}: {reason}", found.way.name())),
            }
        }
        let reason =
            if shortfalls.is_empty() { "this system has no such thing".to_owned() } else { shortfalls.join("; ") };
        Err(SandboxError::Unavailable { wanted: wanted.level(), reason })
    }

    /// Runs the probe; the error says in a few words what is wrong and what mends it.
    async fn probe(&self, outside: &Path, foreign: &Path) -> Result<(), String> {
        if let Some(missing) = self.way.missing() {
            return Err(missing);
        }
        let confined = Confined {
            program: "/bin/sh".into(),
            arguments: vec![
                "-c".into(),
                PROBE.into(),
                "probe".into(),
                self.level().name().into(),
                (PROBE_MEMORY / 1024).to_string().into(),
                outside.into(),
                foreign.into(),
                std::fs::read_link("/proc/self/ns/net").unwrap_or_default().into(),
            ],
            environment: vec![("HELD".into(), "yes".into())],
            working_folder: None,
            readable: vec![outside.to_owned()],
            writable: Vec::new(),
            limits: Limits { address_space: Some(PROBE_MEMORY), ..Limits::default() },
        };
        let mut command = self.command(&confined).map_err(|error| format!("could not {error}"))?;
        command.stdin(Stdio::null());
        let output = match tokio::time::timeout(PROBE_TIME, command.output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return Err(format!("it cannot be started: {error}")),
            Err(_) => return Err(format!("no answer within {} s", PROBE_TIME.as_secs())),
        };
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it fails without a word");
        let said: String = first.chars().filter(|letter| !letter.is_control()).take(200).collect();
        Err(said + forbidden().await)
    }
}

/// All ways that are worth a try, best first.
fn ways(tools: &Tools, scratch: &Arc<PrivateFolder>) -> Vec<Way> {
    let root = is_root();
    let linux = cfg!(target_os = "linux");
    let mut ways = Vec::new();
    for level in [Level::Strict, Level::Native].into_iter().filter(|_| linux) {
        for identity in [Identity::Nobody, Identity::Own] {
            if root || identity == Identity::Own {
                ways.push(Way { level, identity, root, tools: tools.clone(), scratch: Arc::clone(scratch) });
            }
        }
    }
    let (level, identity) = (Level::None, Identity::Own);
    ways.push(Way { level, identity, root, tools: tools.clone(), scratch: Arc::clone(scratch) });
    ways
}

/// What the level that was found does not give.
fn lacking(way: &Way) -> Vec<String> {
    let mut lines = Vec::new();
    if way.level == Level::None {
        lines.push(
            "programs can use the network, read and write the files of the user they run as, and start others"
                .to_owned(),
        );
    }
    if !cfg!(target_os = "linux") {
        lines.push("limits on memory may have no effect on this system".to_owned());
    }
    if way.root && way.identity == Identity::Own {
        lines.push("programs read files as root; run stepproof as an ordinary user".to_owned());
    }
    lines
}

/// What the kernel says about namespaces of ordinary users, as the end of a sentence.
async fn forbidden() -> &'static str {
    let setting = async |path: &str| tokio::fs::read_to_string(path).await.unwrap_or_default().trim().to_owned();
    if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").await == "1" {
        return " (AppArmor keeps namespaces from ordinary users: sysctl kernel.apparmor_restrict_unprivileged_userns=0)";
    }
    if setting("/proc/sys/kernel/unprivileged_userns_clone").await == "0" {
        return " (the kernel keeps namespaces from ordinary users: sysctl kernel.unprivileged_userns_clone=1)";
    }
    if setting("/proc/sys/user/max_user_namespaces").await == "0" {
        return " (the kernel allows no user namespaces: sysctl user.max_user_namespaces=10000)";
    }
    ""
}

/// Folders of people, and the temporary folder where it is not the usual one.
async fn homes() -> Vec<std::path::PathBuf> {
    let passwd = tokio::fs::read("/etc/passwd").await.unwrap_or_default();
    let mut homes = view::homes(&String::from_utf8_lossy(&passwd));
    homes.push(std::env::temp_dir());
    homes
}

#[cfg(unix)]
fn is_root() -> bool {
    // SAFETY: geteuid(2) has no arguments and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

impl Way {
    fn name(&self) -> &'static str {
        match (self.level, self.identity, self.root) {
            (Level::Strict, Identity::Own, true) => "bubblewrap with root's access to files",
            (Level::Strict, ..) => "bubblewrap",
            (Level::Native, Identity::Own, true) => "own namespaces with root's access to files",
            (Level::Native, ..) => "own namespaces",
            (Level::None, ..) => "limits",
        }
    }

    /// Names the program that is not installed.
    fn missing(&self) -> Option<String> {
        let needs_setpriv =
            self.level == Level::Native || (self.level == Level::Strict && self.identity == Identity::Nobody);
        if self.level == Level::Strict && self.tools.bubblewrap.is_none() {
            return Some("bwrap is not installed (apt-get install bubblewrap)".to_owned());
        }
        if self.level == Level::Native && self.tools.unshare.is_none() {
            return Some("unshare is not installed (apt-get install util-linux)".to_owned());
        }
        if self.level == Level::Native && self.tools.mount.is_none() {
            return Some("mount is not installed (apt-get install mount)".to_owned());
        }
        if needs_setpriv && self.tools.setpriv.is_none() {
            return Some("setpriv is not installed (apt-get install util-linux)".to_owned());
        }
        None
    }
}

impl Sandbox {
    /// Makes the command that runs `confined`: in a process group of its own, with a private temporary folder, killed
    /// when the handle is dropped. Its standard streams are the caller's to set.
    ///
    /// A program that a signal ended shows as exit code 128 + signal at the higher levels. The thread that starts it must
    /// outlive it (an async worker does, a blocking one may not): the program dies with its parent, and for the kernel
    /// that is the thread.
    ///
    /// # Errors
    /// Fails for paths that are not absolute or not there, and for names and texts that no script can hold.
    pub fn command(&self, confined: &Confined) -> Result<tokio::process::Command, SandboxError> {
        let script = script::write(&self.way, confined, &self.hidden, false)?;
        let mut command = tokio::process::Command::new("/bin/sh");
        command.arg("-c").arg(script).arg("sh").args(&confined.arguments);
        command.env_clear().kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        Ok(command)
    }

    /// Writes a script for /bin/sh that confines `confined` and passes its own arguments and standard streams on.
    ///
    /// The script holds while this sandbox, or a clone of it, is there. Run by another program it joins that program's
    /// process group, and at the higher levels dies with it.
    ///
    /// # Errors
    /// Fails for paths that are not absolute or not there, and for names and texts that no script can hold.
    pub fn wrapper_script(&self, confined: &Confined) -> Result<String, SandboxError> {
        script::write(&self.way, confined, &self.hidden, true)
    }
}
