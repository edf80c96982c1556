//! scratch
use std::io::BufRead;
use stepproof::answer::{Equality, equal, equal_without_identity};
use stepproof::problem::AnswerForm::Expression;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let lines: Vec<serde_json::Value> = std::io::BufReader::new(std::fs::File::open(&args[1]).unwrap())
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    let mut slow: Vec<(u128, String)> = Vec::new();
    let start = std::time::Instant::now();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for line in &lines {
        let (gold, given) = (line["gold"].as_str().unwrap(), line["given"].as_str().unwrap());
        let kind = line["kind"].as_str().unwrap_or("?");
        let at = std::time::Instant::now();
        let got = equal_without_identity(gold, given, Expression, &[]);
        slow.push((at.elapsed().as_micros(), format!("{gold}   {given}")));
        let name = match got {
            Equality::Equal(_) => "same",
            Equality::Different(_) => "other",
            Equality::Undecided => "open",
        };
        *counts.entry(format!("{kind} {name}")).or_default() += 1;
        if args.len() > 2
            && ((kind == "equal" && name != "same")
                || (kind == "unequal" && (name == "same" || args.len() > 3 && name == "open")))
        {
            println!("{name} {} | {gold} | {given}", line["rule"]);
        }
    }
    let took = start.elapsed();
    let _ = equal("1", "1", Expression, &[]);
    println!("{counts:?} {} pairs {took:?} {:.0}/s", lines.len(), lines.len() as f64 / took.as_secs_f64());
    slow.sort();
    slow.reverse();
    for (time, text) in slow.iter().take(12) {
        println!("{time} us  {text}");
    }
}
