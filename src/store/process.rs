//! Who this process is, and whether another one still lives: what leases are judged by.
//!
//! A process id alone says little: ids are used again, and mean nothing in another container or after a restart of the
//! machine. So a process has a scope (boot and process id namespace) and a start time beside its id. Where either
//! cannot be found out the heartbeat decides alone.

/// A process, as the `worker` table holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    /// Name of the machine, for people.
    pub(super) host: String,
    /// Where the id means something; empty if unknown.
    pub(super) scope: String,
    /// The id.
    pub(super) pid: u32,
    /// When it started, in the system's own terms; empty if unknown.
    pub(super) start: String,
}

impl Process {
    /// Describes this process.
    pub(super) fn current() -> Process {
        let pid = std::process::id();
        Process { host: system::host(), scope: system::scope(), pid, start: system::start(pid).unwrap_or_default() }
    }

    /// Tells whether another process is known to be gone.
    pub(super) fn knows_dead(&self, scope: &str, pid: u32, start: &str) -> bool {
        !self.scope.is_empty() && self.scope == scope && system::is_dead(pid, start)
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;
    use std::io::ErrorKind;

    pub(super) fn host() -> String {
        let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        if name.trim().is_empty() { "unknown".to_owned() } else { name.trim().to_owned() }
    }

    pub(super) fn scope() -> String {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
        let namespace = fs::read_link("/proc/self/ns/pid");
        match (boot, namespace) {
            (Ok(boot), Ok(namespace)) => format!("{} {}", boot.trim(), namespace.display()),
            _ => String::new(),
        }
    }

    /// Gives the start in clock ticks since boot.
    pub(super) fn start(pid: u32) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        fields(&stat).nth(19).map(str::to_owned)
    }

    pub(super) fn is_dead(pid: u32, start: &str) -> bool {
        let stat = match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) => stat,
            Err(error) => return error.kind() == ErrorKind::NotFound,
        };
        // A zombie runs no more; its parent has just not looked yet.
        let ended = matches!(fields(&stat).next(), Some("Z" | "X"));
        let other = fields(&stat).nth(19).is_some_and(|now| !start.is_empty() && now != start);
        ended || other
    }

    /// The fields from the third (state) on: the second is the program's name, which may hold spaces and brackets.
    fn fields(stat: &str) -> impl Iterator<Item = &str> {
        stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace()
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod system {
    pub(super) fn host() -> String {
        let mut name = [0_u8; 256];
        // SAFETY: the pointer and length describe `name`; the last byte stays 0 because it is not offered.
        let failed = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } != 0;
        let text = name.split(|byte| *byte == 0).next().unwrap_or_default();
        if failed || text.is_empty() { "unknown".to_owned() } else { String::from_utf8_lossy(text).into_owned() }
    }

    pub(super) fn scope() -> String {
        host()
    }

    pub(super) fn start(_pid: u32) -> Option<String> {
        None
    }

    pub(super) fn is_dead(pid: u32, _start: &str) -> bool {
        let Ok(pid) = libc::pid_t::try_from(pid) else {
            return true;
        };
        // SAFETY: signal 0 only asks whether the process is there.
        let answer = unsafe { libc::kill(pid, 0) };
        answer != 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH)
    }
}

#[cfg(not(unix))]
mod system {
    pub(super) fn host() -> String {
        "unknown".to_owned()
    }

    pub(super) fn scope() -> String {
        String::new()
    }

    pub(super) fn start(_pid: u32) -> Option<String> {
        None
    }

    pub(super) fn is_dead(_pid: u32, _start: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_a_later_one_with_its_id_is_another() {
        let current = Process::current();
        assert!(!current.knows_dead(&current.scope, current.pid, &current.start));
        assert!(!current.knows_dead("another machine", 1 << 30, "1"), "its id means nothing here");
        if cfg!(target_os = "linux") {
            assert!(current.knows_dead(&current.scope, current.pid, "1"), "started at another time");
            assert!(current.knows_dead(&current.scope, 1 << 30, "1"), "past the largest process id");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_killed_child_is_dead_before_its_parent_looks() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let current = Process::current();
        let start = system::start(child.id()).unwrap();
        assert!(!current.knows_dead(&current.scope, child.id(), &start));
        child.kill().unwrap();
        while !current.knows_dead(&current.scope, child.id(), &start) {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(current.knows_dead(&current.scope, child.id(), &start));
    }
}
