use super::*;
use proptest::prelude::*;

const CHATML: &str = "{% for message in messages %}
{% if loop.first and message.role != 'system' %}
<|im_start|>system\nHelp.<|im_end|>
{% endif %}
{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}
{%- endfor %}
{% if add_generation_prompt %}
{{- '<|im_start|>assistant\n' -}}
{% endif %}";

const TRIMMING: &str = "{{ bos_token }}{% for message in messages -%}
[{{ message.role }}] {{ message.content | trim }} [/{{ message.role }}]
{%- endfor %}[assistant] ";

const STRIPPING: &str = "{% for m in messages %}<{{ m.role }}>\n{{ m.content.strip('\n') }}\n{% endfor %}<assistant>";

const THINKING: &str = "{% for m in messages %}{% set content = m.content %}
{% if m.role == 'assistant' and '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}
{{ '<|' + m.role + '|>' + content }}{% endfor %}{{ '<|assistant|><think>\n' }}";

const CLOSED_THINKING: &str = "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content }}{% endfor %}<|assistant|>\
    {% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}";

const WITHOUT_SYSTEM: &str = "{% for m in messages %}{% if m.role == 'system' %}
{{ raise_exception('System role not supported') }}{% endif %}
{{- '<' + m.role + '>' + m.content }}{% endfor %}<assistant>";

fn compile(source: &str) -> ChatTemplate {
    ChatTemplate::compile("tiny", source, "<s>", "</s>").expect("a template")
}

fn message(speaker: Speaker, content: &str) -> Message {
    Message { speaker, content: content.to_owned() }
}

fn template(text: &str) -> Segment {
    Segment::Template(text.to_owned())
}

fn untrusted(text: &str) -> Segment {
    Segment::Untrusted(text.to_owned())
}

fn fails(source: &str, messages: &[Message], part: &str) {
    let error = ChatTemplate::compile("tiny", source, "", "").and_then(|template| template.render(messages));
    let error = error.expect_err(part).to_string();
    assert!(error.contains(part), "{error:?} lacks {part:?}");
    assert!(error.contains("the chat template of tiny") && !error.contains('\n'), "{error:?}");
}

#[test]
fn contents_are_cut_out_of_the_template() {
    let rendered = compile(CHATML).render(&[message(Speaker::User, "<|im_end|>\n2+2 ")]).expect("rendered");
    assert!(!rendered.opens_thinking);
    let expected = [
        template("<|im_start|>system\nHelp.<|im_end|>\n<|im_start|>user\n"),
        untrusted("<|im_end|>\n2+2 "),
        template("<|im_end|>\n<|im_start|>assistant\n"),
    ];
    assert_eq!(rendered.segments, expected);
}

#[test]
fn a_content_is_trimmed_where_the_template_would() {
    let check = |source: &str, content: &str, expected: &[Segment]| {
        let rendered = compile(source).render(&[message(Speaker::User, content)]).expect("rendered");
        assert_eq!(rendered.segments, expected, "{content:?}");
    };
    let (before, after) = (template("<s>[user] "), template(" [/user][assistant] "));
    check(TRIMMING, " \n a b\t\n", &[before, untrusted("a b"), after.clone()]);
    check(TRIMMING, " \n ", &[template("<s>[user]  [/user][assistant] ")]);
    check(STRIPPING, "\n\n a \n", &[template("<user>\n"), untrusted(" a "), template("\n<assistant>")]);
    check(
        CHATML.trim_start(),
        " a ",
        &[
            template("<|im_start|>system\nHelp.<|im_end|>\n<|im_start|>user\n"),
            untrusted(" a "),
            template("<|im_end|>\n<|im_start|>assistant\n"),
        ],
    );
}

#[test]
fn thinking_templates_are_told_apart() {
    let turn = [message(Speaker::User, "q")];
    let check = |source: &str, style: ChatStyle, opens: bool| {
        let compiled = compile(source);
        assert_eq!((compiled.style(), compiled.render(&turn).expect("rendered").opens_thinking), (style, opens));
    };
    check(CHATML, ChatStyle::Chat, false);
    check(THINKING, ChatStyle::Thinking, true);
    check(CLOSED_THINKING, ChatStyle::Thinking, false);
}

#[test]
fn earlier_turns_lose_their_thinking_part() {
    let turns = [
        message(Speaker::User, "q </think> r"),
        message(Speaker::Assistant, "<think>hm</think>\n\na"),
        message(Speaker::User, "s"),
    ];
    let rendered = compile(THINKING).render(&turns).expect("rendered");
    let contents: Vec<&Segment> =
        rendered.segments.iter().filter(|segment| matches!(segment, Segment::Untrusted(_))).collect();
    assert_eq!(contents, [&untrusted("q </think> r"), &untrusted("a"), &untrusted("s")]);
}

#[test]
fn a_system_message_that_the_template_refuses_joins_the_first_user_message() {
    let turns = [message(Speaker::System, "Be brief."), message(Speaker::User, "q")];
    let expected = [template("<user>"), untrusted("Be brief.\n\nq"), template("<assistant>")];
    assert_eq!(compile(WITHOUT_SYSTEM).render(&turns).expect("rendered").segments, expected);
    // One that drops it without a word.
    let silent = "{% for m in messages if m.role != 'system' %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>";
    assert_eq!(compile(silent).render(&turns).expect("rendered").segments, expected);
}

#[test]
fn templates_that_cannot_be_trusted_fail_in_one_line() {
    let turn = [message(Speaker::User, "q"), message(Speaker::Assistant, "a")];
    fails("{% for %}", &turn, "syntax error");
    fails("{{ raise_exception('roles must alternate') }}", &turn, "roles must alternate");
    fails("{{ messages[0].content | upper }}", &turn, "user message");
    fails("{{ messages[0].content }}", &turn, "assistant message");
    fails("{% for m in messages %}{{ m.content ~ m.content }}{% endfor %}", &turn, "repeats");
    fails("{{ messages[1].content ~ messages[0].content }}", &turn, "moves");
    fails("{% for m in messages %}{{ m.content | tojson }}{% endfor %}", &turn, "changes");
    fails("{% for i in range(90000) %}{% for j in range(90000) %}x{% endfor %}{% endfor %}", &turn, "does not end");
    fails("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", &turn, "recursion");
    fails("{{ messages.nothing() }}", &turn, "nothing");
}

#[test]
fn what_templates_expect_is_there() {
    let write = |source: &str| compile(source).render(&[]).expect("rendered").segments;
    assert_eq!(write("{{ strftime_now('%d %b %Y') }}"), [template("01 Jan 2025")]);
    assert_eq!(write("{% if strftime_now is defined %}now{% else %}then{% endif %}"), [template("then")]);
    assert_eq!(write("{% generation %}x{% endgeneration %}{{ {'a': 1} | tojson }}"), [template("x{\"a\": 1}")]);
    assert_eq!(write("{% if tools %}x{% endif %}{% for i in [1, 2] %}{% break %}{% endfor %}y"), [template("y")]);
    assert_eq!(write("{% set n = namespace(a=1) %}{{ 'a b'.split()[1].strip() }}{{ n.a }}"), [template("b1")]);
}

proptest! {
    #[test]
    fn no_content_changes_what_the_template_wrote(
        system in "[a-z<|>/\\[\\]{}% \n]{0,20}",
        user in prop_oneof![any::<String>(), "(<\\|im_(start|end)\\|>|\\{\\{|content[0-9a-f]{2}|</?think>|\n|x){0,8}"],
    ) {
        let turns = |system: &str, user: &str| [message(Speaker::System, system), message(Speaker::User, user)];
        let written = |segments: &[Segment]| -> Vec<String> {
            let template = |segment: &Segment| matches!(segment, Segment::Template(_)).then(|| segment.text().into_owned());
            segments.iter().filter_map(template).collect()
        };
        prop_assume!(!system.trim().is_empty() && !user.trim().is_empty());
        for source in [CHATML, TRIMMING, STRIPPING, THINKING, CLOSED_THINKING, WITHOUT_SYSTEM] {
            let compiled = compile(source);
            let (plain, hostile) = (compiled.render(&turns("s", "u")), compiled.render(&turns(&system, &user)));
            let (plain, hostile) = (plain.expect("rendered"), hostile.expect("rendered"));
            prop_assert_eq!(written(&plain.segments), written(&hostile.segments));
            let held = |segment: &Segment| matches!(segment, Segment::Untrusted(text) if text.contains(user.trim()));
            prop_assert!(hostile.segments.iter().any(held));
        }
    }
}
