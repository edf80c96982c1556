//! Several proofs behind one header, compiled in one process.
//!
//! Loading the imports is most of a small proof's compilation, so proofs of different statements are put one behind
//! another after their common header, and so are their trusted statements. Each check is compared with its own trusted
//! statement as if it stood alone. Only a confirmation counts: whatever else comes of a proof in a group, be it that the
//! group does not compile, or that names or instances of one candidate change another, it is looked at again alone.
//!
//! Lest one candidate lean on another's lemmas, a group is compiled in both orders, and must be confirmed in both; and
//! of proofs that rest on a constant in common none is. What is left: a candidate with two ways, one through a
//! candidate before it and one through a candidate behind it. It is confirmed here and not alone; its statement is
//! proved all the same, and alone it had to pass the judge to come here.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::compare::Found;
use super::{Names, Neutral, Rechecked, Rechecker, compiled};
use crate::lean::compile::compile;
use crate::lean::olean::{Library, Module, Name, OleanError};
use crate::verdict::Rejection;
use crate::verify::lean::JudgedDocument;

/// Most proofs in a group.
const MOST_TOGETHER: usize = 24;

impl Rechecker {
    /// Looks at several proofs; the results stand in their order. Proofs with the same header share processes, and
    /// proofs of one statement its trusted build.
    pub async fn recheck_many(&self, documents: &[JudgedDocument], cancel: &CancellationToken) -> Vec<Rechecked> {
        let groups = plan(documents);
        // Loops and boxes: of a closure's futures the compiler cannot tell that they may go to another thread.
        let mut looks: Vec<BoxFuture<'_, Vec<(usize, Rechecked)>>> = Vec::with_capacity(groups.len());
        for group in &groups {
            looks.push(Box::pin(self.recheck_group(documents, group, cancel)));
        }
        let together = futures_util::stream::iter(looks).buffer_unordered(self.concurrency).collect::<Vec<_>>().await;
        let mut results: HashMap<usize, Rechecked> = together.into_iter().flatten().collect();
        let mut looks: Vec<BoxFuture<'_, (usize, Rechecked)>> = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            if !results.contains_key(&index) {
                looks.push(Box::pin(async move { (index, self.recheck(document, cancel).await) }));
            }
        }
        results.extend(futures_util::stream::iter(looks).buffer_unordered(self.concurrency).collect::<Vec<_>>().await);
        (0..documents.len()).filter_map(|index| results.remove(&index)).collect()
    }

    /// Gives those of a group that are confirmed.
    async fn recheck_group(
        &self,
        documents: &[JudgedDocument],
        group: &[usize],
        cancel: &CancellationToken,
    ) -> Vec<(usize, Rechecked)> {
        let begin = Instant::now();
        let members: Vec<(usize, &JudgedDocument)> =
            group.iter().filter_map(|index| Some((*index, documents.get(*index)?))).collect();
        let Some(found) = self.look_together(&members, cancel).await else { return Vec::new() };
        let mut confirmed = Vec::new();
        for ((index, _), (found, export)) in members.iter().zip(found) {
            if let Found::Proved(closure) = found {
                let look = self.confirmed(&closure, export, cancel).await;
                confirmed.push((*index, look));
            }
        }
        let wall = begin.elapsed() / u32::try_from(members.len()).unwrap_or(u32::MAX).max(1);
        confirmed.into_iter().map(|(index, look)| (index, Rechecked::of(Ok(look), wall))).collect()
    }

    /// Compiles a group and compares each of it; `None` where that fails, whatever the reason.
    async fn look_together(
        &self,
        members: &[(usize, &JudgedDocument)],
        cancel: &CancellationToken,
    ) -> Option<Vec<(Found, Option<String>)>> {
        let (_, first) = members.first()?;
        let header = first.text.get(..first.header_len)?;
        let (mut trusted, mut forward) = (header.to_owned(), header.to_owned());
        let mut backward = header.to_owned();
        for (_, document) in members {
            trusted.push_str(document.trusted_text.strip_prefix(header)?);
            forward.push_str(document.text.strip_prefix(header)?);
        }
        for (_, document) in members.iter().rev() {
            backward.push_str(document.text.strip_prefix(header)?);
        }
        // One after the other: a group that is not one is found out by its first file.
        let trusted = self.files(&trusted, cancel).await?;
        let forward = self.files(&forward, cancel).await?;
        let backward = self.files(&backward, cancel).await?;
        let names = || members.iter().map(|(_, document)| Names::of(document)).collect();
        let mut found = self.read(trusted.clone(), None, forward, names()).await.ok()?;
        let again = self.read(trusted, None, backward, names()).await.ok()?;
        for (first, (second, _)) in found.iter_mut().zip(again) {
            if !matches!(second, Found::Proved(_)) {
                first.0 = second;
            }
        }
        Some(found)
    }

    async fn files(&self, text: &str, cancel: &CancellationToken) -> Option<Vec<Vec<u8>>> {
        let built = compile(&self.toolchain, &self.sandbox, text, &self.settings, cancel).await;
        compiled(built, "the group").ok()?.ok()
    }
}

/// Puts documents with the same header together, no two of one statement: their theorems have one name. Documents that
/// have no company are left out.
fn plan(documents: &[JudgedDocument]) -> Vec<Vec<usize>> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<(String, usize, Vec<usize>)> = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        let Some(header) = document.text.get(..document.header_len) else { continue };
        let round = seen.entry(Neutral::of(document).text).or_default();
        match groups.iter_mut().find(|(known, of, _)| known == header && of == round) {
            Some((_, _, members)) => members.push(index),
            None => groups.push((header.to_owned(), *round, vec![index])),
        }
        *round += 1;
    }
    let chunks = groups.iter().flat_map(|(_, _, members)| members.chunks(MOST_TOGETHER));
    chunks.filter(|members| members.len() > 1).map(<[usize]>::to_vec).collect()
}

/// Takes back what was found of proofs that rest on a constant which another one rests on too, save for what the header
/// or an import declares, or what Lean makes for one of these under its name.
pub(super) fn part_what_is_shared(
    library: &mut Library,
    trusted: &Module,
    found: &mut [(Found, Option<String>)],
) -> Result<(), OleanError> {
    if found.len() < 2 {
        return Ok(());
    }
    let scope = library.scope(trusted.imports())?;
    let mut seen: HashSet<Name> = HashSet::new();
    let mut shared: HashSet<Name> = HashSet::new();
    let own = |found: &Found| match found {
        Found::Proved(closure) => closure.own.clone(),
        _ => Default::default(),
    };
    for name in found.iter().flat_map(|(found, _)| own(found)) {
        let known = |name: &Name| trusted.kind(name).is_some() || library.declares(&scope, name);
        if !seen.insert(name.clone()) && !name.beginnings().any(|beginning| known(&beginning)) {
            shared.insert(name);
        }
    }
    for (found, export) in found {
        if own(found).iter().any(|name| shared.contains(name)) {
            let reason = "it rests on what another proof declares".to_owned();
            *found = Found::Refuted(Rejection::Tampered(reason.clone()), reason);
            *export = None;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(header: &str, name: &str, nonce: &str) -> JudgedDocument {
        let trusted_text = format!("{header}theorem Stated_{nonce} : {name} := by sorry\n");
        JudgedDocument {
            text: format!("{trusted_text}theorem {name} := x\n"),
            header_len: header.len(),
            stated_name: format!("Stated_{nonce}"),
            check_name: format!("Check_{nonce}"),
            trusted_text,
        }
    }

    #[test]
    fn groups_share_a_header_and_hold_no_statement_twice() {
        let documents = [
            document("import A\n", "p", "n1"),
            document("import A\n", "q", "n2"),
            document("import B\n", "p", "n3"),
            document("import A\n", "p", "n4"),
            document("import A\n", "r", "n5"),
            document("import A\n", "q", "n6"),
        ];
        assert_eq!(plan(&documents), [vec![0, 1, 4], vec![3, 5]]);
        let many: Vec<JudgedDocument> =
            (0..MOST_TOGETHER + 1).map(|index| document("", &format!("p{index}"), &format!("{index}"))).collect();
        assert_eq!(plan(&many).iter().map(Vec::len).collect::<Vec<_>>(), [MOST_TOGETHER]);
    }
}
