//! Requests and completions as JSON: canonical for hashes, compact for the completion log.
