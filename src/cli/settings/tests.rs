use super::*;

fn read(text: &str) -> Result<Settings, CliError> {
    file::parse(Path::new("stepproof.toml"), text.as_bytes())
}

fn message(error: &CliError) -> String {
    error.lines().into_iter().map(|(label, text)| format!("{label}: {text}")).collect::<Vec<_>>().join("\n")
}

const WHOLE: &str = r#"
strategy = "stepwise"
samples = 4
temperature = 0.6
db = "runs.db"

[set]
max_steps = 12
think = false

[model]
main = "qwen"
small = "local:models/small.gguf"

[models.qwen]
kind = "openai"
url = "http://localhost:8080/v1"
served = "qwen-4b"
key_env = "QWEN_KEY"
context = 8192
headers = { "x-team" = "math" }
requests_per_minute = 60

[models.smol]
path = "models/smol.gguf"
gpu_layers = 0
"#;

#[test]
fn a_whole_file_is_read_with_its_lines() {
    let settings = read(WHOLE).unwrap();
    assert_eq!(settings.samples.as_ref().unwrap().value.get(), 4);
    assert_eq!(settings.strategy.as_ref().unwrap().origin.to_string(), "stepproof.toml:2");
    assert_eq!(settings.parameters["max_steps"].value, toml::Value::Integer(12));
    assert_eq!(settings.roles[&Role::Small].value.to_string(), "local:models/small.gguf");
    let ModelSettings::Remote(qwen) = settings.model(&settings.roles[&Role::Main].value).unwrap() else {
        panic!("qwen is remote");
    };
    assert_eq!((qwen.served.as_str(), qwen.key_env.as_deref()), ("qwen-4b", Some("QWEN_KEY")));
    assert_eq!(qwen.headers["x-team"], "math");
    assert_eq!(settings.models["smol"].value.to_string(), "local:models/smol.gguf");
}

#[test]
fn a_mistake_names_file_and_line_and_the_nearest_key() {
    let cases = [
        ("samples = 1\nstratgy = \"cot\"", "line 2: unknown key `stratgy`\nhint: did you mean `strategy`?"),
        ("samples = \"four\"", "line 1: `samples` must be a whole number from 1"),
        ("\n\nsamples = 0", "line 3: `samples` must be a whole number from 1"),
        ("budget_tokens = 0", "line 1: `budget_tokens` must be a whole number from 1"),
        ("temperature = -1", "line 1: `temperature` must be a number from 0 to 10"),
        ("format = \"xml\"", "must be one of table, json, jsonl"),
        ("seed = 1\nseed = 2", "line 2: duplicate key"),
        ("seed = ", "read stepproof.toml line 1: "),
        ("model = \"a.gguf\"", "write local:a.gguf"),
        ("[model]\nsmal = \"local:a\"", "line 2: unknown key `model.smal`\nhint: did you mean `small`?"),
        ("models = 3", "line 1: `models` must be a table"),
        ("[models.a]\n", "line 1: [models.a] needs `kind`"),
        ("[models.a]\nkind = \"opena\"", "line 2: `models.a.kind` must be one of local, openai, script"),
        ("[models.a]\npath = \"x\"\nservd = 1", "line 3: unknown key `models.a.servd`"),
        ("[models.a]\nurl = \"http://h\"", "line 1: [models.a] needs `served`"),
        ("[models.a]\nurl = \"h:80\"\nserved = \"m\"", "line 2: `models.a.url` is wrong"),
        ("[models.a]\npath = \"x\"\nserved = \"m\"", "line 3: unknown key `models.a.served`"),
        ("[models.a]\npath = \"x\"\ncontext = true", "line 3: `models.a.context` must be a whole number from 1"),
        ("[models.\"a b\"]\npath = \"x\"", "line 1: `a b` cannot name a model"),
        ("[set]\nx = [1]", "line 2: `set.x` must be a text, a number, true or false"),
    ];
    for (text, part) in cases {
        let error = read(text).unwrap_err();
        assert_eq!(error.exit, Exit::BadInput);
        let message = message(&error);
        assert!(message.starts_with("error: could not read stepproof.toml line "), "{message}");
        assert!(message.contains(part), "{text:?}: {message}");
    }
}

#[test]
fn secrets_are_refused_and_not_repeated() {
    let cases = [
        "[models.a]\nurl = \"http://h\"\nserved = \"m\"\nkey = \"sk-123\"",
        "[models.a]\nurl = \"http://h\"\nserved = \"m\"\nAPI_KEY = \"sk-123\"",
        "[models.a]\nurl = \"http://h\"\nserved = \"m\"\nheaders = { Authorization = \"Bearer sk-123\" }",
        "[models.a]\nurl = \"http://user:sk-123@h\"\nserved = \"m\"",
    ];
    for text in cases {
        let message = message(&read(text).unwrap_err());
        assert!(message.contains("environment"), "{message}");
        assert!(!message.contains("sk-123"), "{message}");
    }
}

#[test]
fn odd_bytes_are_no_trouble() {
    assert!(file::parse(Path::new("a.toml"), b"\xef\xbb\xbfsamples = 2\r\nseed = 1\r\n").is_ok());
    let error = file::parse(Path::new("a.toml"), b"seed = 1\nstrategy = \"\xff\"").unwrap_err();
    assert!(message(&error).contains("read a.toml line 2: the text is no UTF-8"));
}

#[test]
fn higher_layers_win_and_keep_their_origin() {
    let file =
        read("samples = 2\nseed = 5\ndb = \"file.db\"\nmodel = \"local:file.gguf\"\n[set]\na = 1\nb = 1").unwrap();
    let run = file::parse(Path::new("runs/run.toml"), b"seed = 6\ndata = \"sets\"\n[set]\nb = 2").unwrap();
    let environment = Settings::environment(|name| (name == "STEPPROOF_DB").then(|| "env.db".into()));
    let flags = Settings { seed: Some(Resolved::flag(7)), ..Settings::default() };
    let settings = flags.over(environment).over(run).over(file).over(Settings::defaults());

    let seed = settings.seed.clone().unwrap();
    assert_eq!((seed.value, seed.origin), (7, Origin::Flag));
    assert_eq!(settings.db(), Path::new("env.db"));
    assert_eq!(settings.data(), Path::new("runs/sets"));
    let rows: Vec<String> =
        settings.rows().iter().map(|row| format!("{}={} ({})", row.setting, row.value, row.origin)).collect();
    for expected in [
        "strategy=cot (default)",
        "samples=2 (stepproof.toml:1)",
        "seed=7 (command line)",
        "db=env.db (STEPPROOF_DB)",
        "data=runs/sets (runs/run.toml:2)",
        "model.main=local:file.gguf (stepproof.toml:4)",
        "set.a=1 (stepproof.toml:6)",
        "set.b=2 (runs/run.toml:4)",
    ] {
        assert!(rows.iter().any(|row| row == expected), "{expected} is not in {rows:#?}");
    }
}

#[test]
fn an_unknown_model_name_gets_the_nearest() {
    let settings = read("[models.qwen-4b]\npath = \"a.gguf\"").unwrap();
    let error = settings.model(&ModelSpec::Named("qwen4b".into())).unwrap_err();
    assert_eq!(
        message(&error),
        "error: could not find the model \"qwen4b\" in the settings\nhint: did you mean \"qwen-4b\"?"
    );
}
