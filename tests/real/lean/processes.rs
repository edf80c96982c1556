//! Looks at processes and kills them, as somebody outside would.

use std::collections::HashMap;
use std::time::{Duration, Instant};

fn fields(process: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat[stat.rfind(')')? + 1..].split_ascii_whitespace().map(str::to_owned).collect())
}

/// Gives the processes that one started, and those that these started.
pub(super) fn descendants(process: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").expect("Linux").flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        if let Some((number, fields)) = number.and_then(|number| Some((number, fields(number)?))) {
            children.entry(fields[1].parse().expect("a number")).or_default().push(number);
        }
    }
    let (mut found, mut open) = (Vec::new(), vec![process]);
    while let Some(parent) = open.pop() {
        for child in children.remove(&parent).unwrap_or_default() {
            found.push(child);
            open.push(child);
        }
    }
    found
}

pub(super) fn kill(process: u32) {
    // One that is gone already is as good.
    let output = std::process::Command::new("kill").args(["-9", &process.to_string()]).output();
    output.expect("kill runs");
}

/// Counts those that still run, after giving them some time to end.
pub(super) fn settled_number(processes: &[u32]) -> usize {
    let runs = |process: &&u32| fields(**process).is_some_and(|fields| fields[0] != "Z");
    let begun = Instant::now();
    loop {
        let left = processes.iter().filter(runs).count();
        if left == 0 || begun.elapsed() > Duration::from_secs(10) {
            return left;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
