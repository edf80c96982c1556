//! What the fake server can be asked to do: behaviours of a process, and behaviours of one text.

use std::time::Duration;

/// How a whole process misbehaves; one name a line in `fake.script` beside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    /// `--version` ends with status 3 and says nothing.
    VersionExits,
    /// `--version` never answers.
    VersionHangs,
    /// `--version` never ends its answer.
    VersionFloods,
    /// `--version` answers as some other program.
    VersionIsAnother,
    /// The server ends before it reads anything.
    StartExits,
    /// `initialize` is never answered.
    InitializeMute,
    /// The server ends when it gets `initialize`.
    InitializeExits,
    /// `initialize` is answered with an error.
    InitializeFails,
    /// Text that is no frame stands before the first frame.
    Greets,
    /// `shutdown`, `exit` and the end of the input are ignored.
    ShutdownIgnored,
    /// A process is left behind in the server's group.
    Orphan,
    /// Every frame is written in small pieces, with other headers around its length.
    Pieces,
    /// Every second check finds its worker crashed.
    SecondCrashes,
    /// The server ends at its third check.
    ThirdExits,
}

const PROCESS: [(&str, Process); 14] = [
    ("version-exits", Process::VersionExits),
    ("version-hangs", Process::VersionHangs),
    ("version-floods", Process::VersionFloods),
    ("version-is-another", Process::VersionIsAnother),
    ("start-exits", Process::StartExits),
    ("initialize-mute", Process::InitializeMute),
    ("initialize-exits", Process::InitializeExits),
    ("initialize-fails", Process::InitializeFails),
    ("greets", Process::Greets),
    ("shutdown-ignored", Process::ShutdownIgnored),
    ("orphan", Process::Orphan),
    ("pieces", Process::Pieces),
    ("second-crashes", Process::SecondCrashes),
    ("third-exits", Process::ThirdExits),
];

/// The behaviours of this process.
#[derive(Debug, Default)]
pub(crate) struct Script(Vec<Process>);

impl Script {
    /// Reads `fake.script` beside the program; there is none where all is well.
    pub(crate) fn beside_program() -> Script {
        let program = std::env::current_exe().unwrap();
        let text = std::fs::read_to_string(program.with_file_name("fake.script")).unwrap_or_default();
        let named = |name: &str| PROCESS.iter().find(|(known, _)| *known == name).map(|(_, process)| *process);
        Script(text.split_whitespace().map(|name| named(name).unwrap()).collect())
    }

    pub(crate) fn has(&self, process: Process) -> bool {
        self.0.contains(&process)
    }
}

/// How the server misbehaves at one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// `late MS`: messages and answer come so much later.
    Late(Duration),
    /// `hang`: never done, until a change takes the line away.
    Hang,
    /// `deaf`: never done, and nor is any later version; closing the document ends it.
    Deaf,
    /// `stuck`: never done, whatever the client says about any document.
    Stuck,
    /// `mute`: messages come, the answer does not.
    Mute,
    /// `twice`: every answer comes twice.
    Twice,
    /// `old-publish`: messages of other versions and documents come in between.
    OldPublish,
    /// `collide`: requests of the server with the ids 0 to 200 come before the answer.
    Collide,
    /// `crash`: the worker dies; the pending request gets -32902, later ones nothing until the next change.
    Crash,
    /// `crash-early`: the worker dies before the wait comes, which is never answered.
    CrashEarly,
    /// `modified`: the wait is answered with -32801.
    Modified,
    /// `refused CODE`: the wait is answered with this error.
    Refused(i64),
    /// `header-fails`: the imports cannot be loaded.
    HeaderFails,
    /// `big BYTES`: one message of this size.
    Big(usize),
    /// `many COUNT`: so many messages.
    Many(usize),
    /// `flood`: messages without end, and no answer.
    Flood,
    /// `dead-stdout`: the output is closed, the process lives on.
    DeadStdout,
    /// `exit CODE`: the process ends.
    Exit(u8),
    /// `half-frame`: the process ends in the middle of a frame.
    HalfFrame,
    /// `half-frame-hang`: it stops in the middle of a frame, and lives on.
    HalfFrameHang,
    /// `broken-json`: a frame that is not JSON.
    BrokenJson,
    /// `not-utf8`: a frame that is not UTF-8.
    NotUtf8,
    /// `deep-json`: a frame nested a hundred thousand times.
    DeepJson,
    /// `odd-json`: frames that are JSON but no message.
    OddJson,
    /// `long-length`: a frame that announces more than it has.
    LongLength,
    /// `short-length`: a frame that announces less than it has.
    ShortLength,
    /// `huge-length`: a frame that announces more than fits any memory.
    HugeLength,
    /// `no-length`: a frame without a length.
    NoLength,
    /// `huge-header`: a header of 4 MiB.
    HugeHeader,
    /// `stderr BYTES`: so much on the error output before the answer.
    Stderr(usize),
    /// `deaf-stdin`: the input is not read any more.
    DeafStdin,
    /// `far-positions`: messages at places that the text does not have.
    FarPositions,
    /// `error TEXT`, `warning TEXT`, `information TEXT`: a message at this mark, to the end of its line.
    Message(u8, String),
    /// `goals`: an error that Lean marks as unsolved goals.
    Goals,
}

/// The mark in a text.
pub(crate) const MARK: &str = "-- fake: ";

impl Behaviour {
    /// Reads what follows the mark; a behaviour that is not known is a mistake in the test.
    pub(crate) fn parse(text: &str) -> Behaviour {
        let (name, argument) = text.split_once(' ').unwrap_or((text, ""));
        let number = || argument.trim().parse::<usize>().unwrap();
        match name {
            "late" => Behaviour::Late(Duration::from_millis(argument.trim().parse().unwrap())),
            "hang" => Behaviour::Hang,
            "deaf" => Behaviour::Deaf,
            "stuck" => Behaviour::Stuck,
            "mute" => Behaviour::Mute,
            "twice" => Behaviour::Twice,
            "old-publish" => Behaviour::OldPublish,
            "collide" => Behaviour::Collide,
            "crash" => Behaviour::Crash,
            "crash-early" => Behaviour::CrashEarly,
            "modified" => Behaviour::Modified,
            "refused" => Behaviour::Refused(argument.trim().parse().unwrap()),
            "header-fails" => Behaviour::HeaderFails,
            "big" => Behaviour::Big(number()),
            "many" => Behaviour::Many(number()),
            "flood" => Behaviour::Flood,
            "dead-stdout" => Behaviour::DeadStdout,
            "exit" => Behaviour::Exit(argument.trim().parse().unwrap()),
            "half-frame" => Behaviour::HalfFrame,
            "half-frame-hang" => Behaviour::HalfFrameHang,
            "broken-json" => Behaviour::BrokenJson,
            "not-utf8" => Behaviour::NotUtf8,
            "deep-json" => Behaviour::DeepJson,
            "odd-json" => Behaviour::OddJson,
            "long-length" => Behaviour::LongLength,
            "short-length" => Behaviour::ShortLength,
            "huge-length" => Behaviour::HugeLength,
            "no-length" => Behaviour::NoLength,
            "huge-header" => Behaviour::HugeHeader,
            "stderr" => Behaviour::Stderr(number()),
            "deaf-stdin" => Behaviour::DeafStdin,
            "far-positions" => Behaviour::FarPositions,
            "error" => Behaviour::Message(1, argument.to_owned()),
            "warning" => Behaviour::Message(2, argument.to_owned()),
            "information" => Behaviour::Message(3, argument.to_owned()),
            "goals" => Behaviour::Goals,
            unknown => panic!("no behaviour is called {unknown}"),
        }
    }
}
