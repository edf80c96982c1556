//! When a call is tried again, and after how long.

use std::time::Duration;

use jiff::Timestamp;

/// Tells the answers that may be better next time.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 409 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// Gives the wait before the next try: doubling, half of it left to chance so that clients do not come back together.
/// `chance` lies in [0, 1).
pub(super) fn backoff(first: Duration, longest: Duration, tries: u32, chance: f64) -> Duration {
    let doubled = first.saturating_mul(2u32.saturating_pow(tries.min(31))).min(longest);
    doubled.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

/// Reads a `Retry-After` header: seconds, or a date. A date that has passed is no wait.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        let check = |value: &str, expected: Option<u64>| {
            assert_eq!(retry_after(value, now), expected.map(Duration::from_secs), "{value:?}");
        };
        check("0", Some(0));
        check(" 120 ", Some(120));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(37));
        check("Sun, 06 Nov 1994 08:00:00 GMT", Some(0));
        check("soon", None);
        check("-3", None);
        check("NaN", None);
        check("1e300", None);
        check("", None);
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let wait =
            |tries, chance| backoff(Duration::from_millis(500), Duration::from_secs(8), tries, chance).as_millis();
        assert_eq!(
            [wait(0, 0.0), wait(0, 1.0), wait(1, 1.0), wait(4, 1.0), wait(5, 1.0)],
            [250, 500, 1000, 8000, 8000]
        );
        assert_eq!(wait(u32::MAX, 1.0), 8000);
    }
}
