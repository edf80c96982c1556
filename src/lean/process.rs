//! Processes as the system shows them: groups that are killed whole, descendants of a server, what each one uses.
//!
//! What a process uses is read from `/proc`; where there is none, nothing is known and nothing is limited here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Kills the process group of a child when it is dropped.
#[derive(Debug)]
pub(super) struct Group {
    /// 0 once it has been killed: the number may be given again.
    leader: AtomicU32,
}

impl Group {
    /// Takes charge of the group that `child`, started as the leader of its own, leads.
    pub(super) fn of(child: &tokio::process::Child) -> Group {
        Group { leader: AtomicU32::new(child.id().unwrap_or(0)) }
    }

    /// Gives the leader's number, or `None` once the group has been killed.
    pub(super) fn leader(&self) -> Option<u32> {
        Some(self.leader.load(Ordering::Relaxed)).filter(|leader| *leader > 0)
    }

    /// Kills the group and every descendant of its leader, those in groups and sessions of their own too.
    pub(super) fn kill(&self) {
        let leader = self.leader.swap(0, Ordering::Relaxed);
        if leader == 0 {
            return;
        }
        // Looked up first: children of a killed process have another parent.
        let family = descendants(leader);
        #[cfg(unix)]
        if let Ok(leader) = i32::try_from(leader)
            && leader > 1
        {
            // SAFETY: kill has no memory effects; the group is one that we made.
            unsafe { libc::kill(-leader, libc::SIGKILL) };
        }
        for process in family {
            process.kill();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A process with the moment it was started, so that a number that was given again is not taken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) id: u32,
    started: u64,
}

/// What a process uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Use {
    /// Resident memory in bytes, mapped files included.
    pub(super) resident: u64,
    /// Resident memory in bytes, mapped files left out.
    pub(super) own: u64,
    /// Processor time of all threads.
    pub(super) cpu: Duration,
}

impl std::ops::AddAssign for Use {
    fn add_assign(&mut self, other: Use) {
        self.resident += other.resident;
        self.own += other.own;
        self.cpu += other.cpu;
    }
}

impl Process {
    /// Tells whether it still runs.
    pub(super) fn is_alive(self) -> bool {
        stat(self.id).is_some_and(|stat| stat.started == self.started && !stat.is_dead)
    }

    /// Gives what it uses, or `None` when it is gone or cannot be seen.
    pub(super) fn used(self) -> Option<Use> {
        let stat = stat(self.id).filter(|stat| stat.started == self.started && !stat.is_dead)?;
        let pages = std::fs::read_to_string(format!("/proc/{}/statm", self.id)).ok()?;
        let mut pages = pages.split(' ').skip(1).map_while(|number| number.parse::<u64>().ok());
        let (resident, shared) = (pages.next()?, pages.next()?);
        let page = page_size();
        Some(Use { resident: resident * page, own: resident.saturating_sub(shared) * page, cpu: stat.cpu })
    }

    /// Gives its share of the memory that it and others have resident, in bytes.
    pub(super) fn proportional(self) -> Option<u64> {
        let sums = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.id)).ok()?;
        let line = sums.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.split_ascii_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }

    /// Kills it if it still runs.
    pub(super) fn kill(self) {
        #[cfg(unix)]
        if let Ok(id) = i32::try_from(self.id)
            && id > 1
            && self.is_alive()
        {
            // SAFETY: kill has no memory effects; the process is a descendant of one that we started.
            unsafe { libc::kill(id, libc::SIGKILL) };
        }
    }

    /// Tells whether one of its arguments is `argument`.
    pub(super) fn has_argument(self, argument: &str) -> bool {
        let arguments = std::fs::read(format!("/proc/{}/cmdline", self.id)).unwrap_or_default();
        arguments.split(|byte| *byte == 0).any(|part| part == argument.as_bytes())
    }
}

/// Gives the processes that `ancestor` started, and those that these started.
pub(super) fn descendants(ancestor: u32) -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let mut children: HashMap<u32, Vec<Process>> = HashMap::new();
    for entry in entries.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(stat) = stat(id) {
            children.entry(stat.parent).or_default().push(Process { id, started: stat.started });
        }
    }
    let (mut found, mut open) = (Vec::new(), vec![ancestor]);
    while let Some(parent) = open.pop() {
        for child in children.remove(&parent).unwrap_or_default() {
            open.push(child.id);
            found.push(child);
        }
    }
    found
}

struct Stat {
    parent: u32,
    started: u64,
    cpu: Duration,
    is_dead: bool,
}

fn stat(id: u32) -> Option<Stat> {
    parse_stat(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

fn parse_stat(line: &str) -> Option<Stat> {
    // The name in the second field may hold anything, closing brackets too.
    let fields: Vec<&str> = line.get(line.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let ticks = number(11)?.saturating_add(number(12)?);
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        started: number(19)?,
        cpu: Duration::from_millis(ticks.saturating_mul(1000) / ticks_per_second()),
        is_dead: matches!(fields.first(), Some(&("Z" | "X"))),
    })
}

#[cfg(unix)]
fn page_size() -> u64 {
    // SAFETY: sysconf has no memory effects.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok().filter(|size| *size > 0).unwrap_or(4096)
}

#[cfg(unix)]
fn ticks_per_second() -> u64 {
    // SAFETY: sysconf has no memory effects.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_CLK_TCK) }).ok().filter(|ticks| *ticks > 0).unwrap_or(100)
}

#[cfg(not(unix))]
fn page_size() -> u64 {
    4096
}

#[cfg(not(unix))]
fn ticks_per_second() -> u64 {
    100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_no_harm() {
        let line = "42 (a) b (c)) S 7 1 1 0 -1 4 0 0 0 0 30 20 0 0 20 0 3 0 777 1000 50 9";
        let stat = parse_stat(line).unwrap();
        assert_eq!((stat.parent, stat.started, stat.cpu), (7, 777, Duration::from_millis(50_000 / ticks_per_second())));
        for broken in ["", "42 (a", "42 (a) S", "42 (a) S x"] {
            assert!(parse_stat(broken).is_none(), "{broken}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn children_are_found_and_killed() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let found = descendants(std::process::id());
        let process = *found.iter().find(|process| process.id == child.id()).unwrap();
        // The child may not have become `sleep` yet.
        let named = (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            process.has_argument("600")
        });
        assert!(named && process.is_alive() && process.used().is_some_and(|used| used.resident >= used.own));
        Process { started: process.started + 1, ..process }.kill();
        assert!(process.is_alive(), "another process of the same number is spared");
        process.kill();
        child.wait().unwrap();
        assert!(!process.is_alive() && process.used().is_none());
    }
}
