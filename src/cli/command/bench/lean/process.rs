//! What processes cost: our own processor time, and that and the memory of those we started, read from `/proc`.

use std::collections::HashMap;
use std::time::Duration;

/// A process as `/proc` shows it.
#[derive(Debug, Clone, Copy)]
struct Seen {
    parent: u32,
    ticks: u64,
    resident_pages: u64,
}

/// What all processes under us have used together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Descendants {
    /// How many there are.
    pub(super) count: usize,
    /// Processor time of those that live.
    pub(super) cpu: Duration,
    /// Resident memory of those that live, in bytes; shared pages count for each.
    pub(super) resident_bytes: u64,
}

/// Looks at the processes under this one; nothing where there is no `/proc`.
pub(super) fn descendants() -> Descendants {
    let seen: HashMap<u32, Seen> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let process: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((process, parse_stat(&stat)?))
        })
        .collect();
    let own = std::process::id();
    let mut sum = Descendants::default();
    let mut ticks = 0;
    for process in seen.keys() {
        // The table is read entry by entry and may hold a circle by chance.
        let mut at = *process;
        let line = std::iter::from_fn(|| {
            at = seen.get(&at)?.parent;
            Some(at)
        });
        if line.take(64).any(|above| above == own) {
            let process = seen[process];
            sum.count += 1;
            ticks += process.ticks;
            sum.resident_bytes += process.resident_pages.saturating_mul(4096);
        }
    }
    // A tick is a hundredth of a second to user space, on every Linux.
    sum.cpu = Duration::from_millis(ticks.saturating_mul(10));
    sum
}

/// Reads a line of `/proc/N/stat`. The name may hold anything, so that fields are counted from its last bracket.
fn parse_stat(stat: &str) -> Option<Seen> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |at: usize| fields.get(at)?.parse::<u64>().ok();
    // A dead process whose parent has not asked for its end is no process that is left.
    if fields.first() == Some(&"Z") {
        return None;
    }
    Some(Seen {
        parent: u32::try_from(field(1)?).ok()?,
        ticks: field(11)?.saturating_add(field(12)?),
        resident_pages: field(21)?,
    })
}

/// Gives the processor time of this process alone, all its threads together.
#[cfg(unix)]
pub(super) fn own_cpu() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a whole rusage, which the call fills.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let time = |value: libc::timeval| {
        let (seconds, micros) = (u64::try_from(value.tv_sec), u64::try_from(value.tv_usec));
        Duration::from_secs(seconds.unwrap_or(0)) + Duration::from_micros(micros.unwrap_or(0))
    };
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// Gives nothing: only Unix tells a process's time by itself.
#[cfg(not(unix))]
pub(super) fn own_cpu() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_proc_is_read_from_its_last_bracket() {
        let line = "12 (a) b (c)) S 7 12 12 0 -1 4194304 1 2 3 4 55 45 8 9 20 0 3 0 100 9000 321 1 2";
        let seen = parse_stat(line).unwrap();
        assert_eq!((seen.parent, seen.ticks, seen.resident_pages), (7, 100, 321));
        assert!(parse_stat(&line.replace(" S ", " Z ")).is_none());
        assert!(parse_stat("12 (a").is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_child_is_found_and_is_gone_when_it_ends() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert!(descendants().count >= 1);
        assert!(descendants().resident_bytes > 0);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(own_cpu() > Duration::ZERO);
    }
}
