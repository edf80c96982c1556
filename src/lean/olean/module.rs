//! One compiled module: what it imports and which constants it declares.

use std::collections::HashMap;

use super::constant::{Constant, KindTag};
use super::decode::{Decoder, NameReader, Renaming, references, unfit};
use super::error::OleanError;
use super::name::Name;
use super::region::{Fuel, Region, Word};
use super::term::Terms;

/// A constant's name and place in its module.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) name: Name,
    pub(crate) kind: KindTag,
    /// Why proofs may not use it.
    pub(crate) unfit: Option<&'static str>,
    info: Word,
}

/// A compiled module. Its constants are read when they are asked for.
#[derive(Debug)]
pub struct Module {
    region: Region,
    renaming: Option<Renaming>,
    imports: Vec<Name>,
    declared: Vec<Declared>,
    by_name: HashMap<Name, usize>,
    repeated: Option<Name>,
}

impl Module {
    /// Reads a module from the bytes of its files: the `.olean`, then `.olean.server` and `.olean.private` where it has
    /// them.
    ///
    /// # Errors
    /// Fails when the bytes are not a compiled file of a known form, or contradict themselves.
    pub fn read(files: Vec<Vec<u8>>) -> Result<Module, OleanError> {
        Module::read_renamed(files, None)
    }

    /// Reads a module as [`Module::read`] does, with a text inside its names replaced.
    ///
    /// # Errors
    /// As [`Module::read`].
    pub fn read_renamed(files: Vec<Vec<u8>>, renaming: Option<Renaming>) -> Result<Module, OleanError> {
        let region = Region::new(files)?;
        let mut fuel = Fuel::for_bytes(region.len());
        let mut names = NameReader::new(&region, renaming.as_ref());
        let root = region.root();
        let mut imports = Vec::new();
        for import in region.array(region.field(root, 0)?, &mut fuel)? {
            imports.push(names.name(region.field(import, 0)?, &mut fuel)?);
        }
        let mut declared = Vec::new();
        let mut by_name = HashMap::new();
        let mut repeated = None;
        for info in region.array(region.field(root, 2)?, &mut fuel)? {
            let tag = region.tag(info)?;
            let kind = KindTag::ALL.get(usize::from(tag)).copied();
            let kind = kind.ok_or(OleanError::Corrupt { what: "no constant", at: info })?;
            let common = region.field(region.field(info, 0)?, 0)?;
            let name = names.name(region.field(common, 0)?, &mut fuel)?;
            if by_name.insert(name.clone(), declared.len()).is_some() {
                repeated = Some(name.clone());
            }
            declared.push(Declared { name, kind, unfit: unfit(&region, info)?, info });
        }
        drop(names);
        Ok(Module { region, renaming, imports, declared, by_name, repeated })
    }

    /// Gives the version of Lean that wrote the files; empty for old ones, which do not say.
    #[must_use]
    pub fn lean_version(&self) -> &str {
        self.region.version()
    }

    /// Gives the modules that it imports itself.
    #[must_use]
    pub fn imports(&self) -> &[Name] {
        &self.imports
    }

    /// Gives the names of its constants in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.declared.iter().map(|declared| &declared.name)
    }

    /// Gives a constant's kind; `None` where it is not declared here.
    #[must_use]
    pub fn kind(&self, name: &Name) -> Option<KindTag> {
        self.find(name).map(|declared| declared.kind)
    }

    /// Gives a name that two constants have.
    #[must_use]
    pub fn repeated(&self) -> Option<&Name> {
        self.repeated.as_ref()
    }

    /// Tells why proofs may not use a constant (`unsafe`, `partial`); `None` where they may.
    #[must_use]
    pub fn unfit(&self, name: &Name) -> Option<&'static str> {
        self.find(name)?.unfit
    }

    pub(crate) fn find(&self, name: &Name) -> Option<&Declared> {
        self.declared.get(*self.by_name.get(name)?)
    }

    pub(crate) fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// Prepares for reading several constants.
    #[must_use]
    pub fn reader(&self) -> ModuleReader<'_> {
        let decoder = Decoder::new(&self.region, self.renaming.as_ref());
        let names = NameReader::new(&self.region, self.renaming.as_ref());
        ModuleReader { module: self, decoder, names, fuel: Fuel::for_bytes(self.region.len()) }
    }
}

/// Reads constants of a module; what they share is read once.
pub struct ModuleReader<'m> {
    module: &'m Module,
    decoder: Decoder<'m>,
    names: NameReader<'m>,
    fuel: Fuel,
}

impl ModuleReader<'_> {
    /// Reads a constant; `None` where it is not declared here.
    ///
    /// # Errors
    /// Fails when its bytes contradict themselves.
    pub fn constant(&mut self, name: &Name, terms: &mut Terms) -> Result<Option<Constant>, OleanError> {
        let Some(declared) = self.module.find(name) else { return Ok(None) };
        self.decoder.constant(declared.info, terms, &mut self.fuel).map(Some)
    }

    /// Gives the names that a constant refers to.
    pub(crate) fn references(&mut self, declared: &Declared) -> Result<Vec<Name>, OleanError> {
        references(&mut self.names, declared.info, &mut self.fuel)
    }
}
