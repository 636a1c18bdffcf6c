//! Plaintexts are written as the document shows them, and parsed in every form that it allows (X2, X4, X8).

use crypto::{CipherSettings, Iv, KeyBits, Mode, Padding, TokenCipher, TokenKey, WorkCount};
use proptest::prelude::*;

use crate::xdoc::plaintext::parsed::ParserWork;
use crate::{Field, Format, Plaintext, PlaintextError, TokenFields};

const FORMATS: [Format; 3] = [Format::Xml, Format::Json, Format::Form];

const SECURITY: [(&str, &str); 4] = [
    ("Context", "MySecurityContext"),
    ("AppId", "MyAppId"),
    ("AppKey", "MyAppKey"),
    ("GenDT", "2023-03-08T14:15:53-08:00"),
];
const USER: [(&str, &str); 2] = [("UserName", "admin"), ("Display", "John Doe")];

fn plaintext(fields: &[(&str, &str)]) -> Plaintext {
    let pairs =
        fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>();
    TokenFields::try_from(pairs).unwrap().try_into().unwrap()
}

fn texts(plaintext: &Plaintext) -> Vec<(Field, String)> {
    plaintext.texts().map(|(field, text)| (field, text.to_owned())).collect()
}

fn read(text: &str) -> Result<Vec<(Field, String)>, PlaintextError> {
    Plaintext::read(text.as_bytes()).map(|plaintext| texts(&plaintext))
}

/// The tokens in the document have 192 and 96 bytes. CRLF and four spaces give these lengths, with or without
/// a line end at the end. LF gives them only with a line end, which the document does not show.
#[test]
fn x4_the_tokens_of_the_document_have_its_lengths() {
    let key = TokenKey::generate(KeyBits::Aes128).unwrap();
    let iv = Iv::try_from("0".repeat(32)).unwrap();
    let settings = CipherSettings { mode: Mode::Cbc, key_bits: KeyBits::Aes128, padding: Padding::Pkcs7 };
    let cipher = TokenCipher::new(settings, &key, Some(&iv)).unwrap();
    let printed = [
        (
            &SECURITY[..],
            192,
            "<SecurityToken>\r\n    <Context>MySecurityContext</Context>\r\n    <AppId>MyAppId</AppId>\r\n    \
             <AppKey>MyAppKey</AppKey>\r\n    <GenDT>2023-03-08T14:15:53-08:00</GenDT>\r\n</SecurityToken>",
        ),
        (
            &USER[..],
            96,
            "<UserToken>\r\n    <UserName>admin</UserName>\r\n    <Display>John Doe</Display>\r\n</UserToken>",
        ),
    ];
    for (fields, length, text) in printed {
        let written = plaintext(fields).write(Format::Xml);
        assert_eq!(written, text);
        assert_eq!(cipher.seal(written.as_bytes()).unwrap().len(), length / 3 * 4);
    }
}

#[test]
fn x2_json_is_flat_and_a_form_is_escaped_with_fields_in_order() {
    let user =
        plaintext(&[("Display", "J. & D."), ("ExtFlags", "1"), ("Email", "j@d.co"), ("UserName", "jd")]);
    assert_eq!(
        user.write(Format::Json),
        r#"{"UserName":"jd","Display":"J. & D.","Email":"j@d.co","ExtFlags":"1"}"#
    );
    assert_eq!(user.write(Format::Form), "UserName=jd&Display=J.%20%26%20D.&Email=j%40d.co&ExtFlags=1");
    assert!(user.write(Format::Xml).contains("<Display>J. &amp; D.</Display>"));
    let both = plaintext(&[&SECURITY[..], &USER].concat());
    assert!(both.write(Format::Xml).starts_with("<SecurityToken>\r\n    <Context>"));
    assert!(both.write(Format::Json).starts_with(r#"{"Context":"MySecurityContext","AppId""#));
    assert!(both.write(Format::Json).ends_with(r#""UserName":"admin","Display":"John Doe"}"#));
}

#[test]
fn x2_a_user_token_is_parsed_in_every_format_and_layout() {
    let expected = vec![(Field::UserName, "admin".to_owned()), (Field::Display, "John Doe".to_owned())];
    for text in [
        "<UserToken><UserName>admin</UserName><Display>John Doe</Display></UserToken>",
        "\u{feff}\r\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<UserToken>\n\t<Display>John Doe</Display>\n\t\
         <UserName>admin</UserName>\n</UserToken>\n  ",
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?><UserToken><UserName>admin</UserName>\
         <Display>John Doe</Display></UserToken>",
        "<?xml version=\"1.0\"?><UserToken><UserName>admin</UserName><Display>John Doe</Display></UserToken>",
        "<UserToken><UserName>&#97;dm&#x69;n</UserName><Display><![CDATA[John Doe]]></Display></UserToken>",
        "<UserToken xmlns:xsi=\"a\" xmlns:xsd=\"b\"><UserName>admin</UserName><Display>John Doe</Display><Email/>\
         <ExtId></ExtId></UserToken>",
        "<Tokens><UserToken><UserName>admin</UserName><Display>John Doe</Display></UserToken></Tokens>",
        "{\"UserName\":\"admin\",\"Display\":\"John Doe\"}",
        "\u{feff} \n{ \"UserToken\" : { \"Display\" : \"John\\u0020Doe\" , \"UserName\":\"admin\", \"Email\": \"\" } } \n",
        "UserName=admin&Display=John+Doe",
        " Display=John%20Doe&&Email=&UserName=%61dmin&",
    ] {
        assert_eq!(read(text).as_ref(), Ok(&expected), "{text}");
    }
}

#[test]
fn x7_a_combined_token_is_parsed_as_both() {
    let all = plaintext(&[&SECURITY[..], &USER].concat());
    let (inner_security, inner_user) = (plaintext(&SECURITY), plaintext(&USER));
    let [security, user] = [&inner_security, &inner_user].map(|part| part.write(Format::Xml));
    let [security_json, user_json] = [&inner_security, &inner_user].map(|part| part.write(Format::Json));
    for text in [
        all.write(Format::Xml),
        all.write(Format::Xml).replace("SecurityToken>", "UserToken>"),
        format!("<Tokens>{security}\r\n{user}</Tokens>"),
        format!("<Tokens>{user}{security}</Tokens>"),
        all.write(Format::Json),
        format!(r#"{{"UserToken":{user_json},"SecurityToken":{security_json}}}"#),
        all.write(Format::Form),
    ] {
        assert_eq!(read(&text), Ok(texts(&all)), "{text}");
    }
}

#[test]
fn x8_xml_with_anything_but_fields_is_refused() {
    let user = "<UserToken><UserName>a</UserName><Display>b</Display></UserToken>";
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><UserToken><UserName>&b;</UserName>\
                  <Display>b</Display></UserToken>";
    assert!(read(user).is_ok());
    for (case, text) in [
        ("entities within entities", laughs.to_owned()),
        ("a DTD", format!("<!DOCTYPE UserToken>{user}")),
        ("an external DTD", format!("<!DOCTYPE u SYSTEM \"file:///etc/passwd\">{user}")),
        ("an unknown entity", user.replace('b', "&nbsp;")),
        ("a loose ampersand", user.replace(">b<", ">b & c<")),
        ("character zero", user.replace(">b<", ">b&#0;<")),
        ("a control character", user.replace(">b<", ">b&#10;<")),
        ("a comment", user.replace(">b<", ">b<!-- -->c<")),
        ("an instruction", user.replace(">b<", "><?php b?><")),
        ("an attribute", user.replace("<Display>", "<Display lang=\"en\">")),
        ("a namespace", user.replace("<UserToken>", "<UserToken xmlns=\"a\">")),
        ("a prefix", user.replace("UserToken>", "a:UserToken>")),
        ("an attribute of the root", user.replace("<UserToken>", "<UserToken a=\"b\">")),
        ("an element in a field", user.replace(">b<", "><b>c</b><")),
        ("a token in a token", format!("<SecurityToken>{user}</SecurityToken>")),
        ("text beside fields", user.replace("<Display>", "text<Display>")),
        ("text behind the root", format!("{user}text")),
        ("a second root", format!("{user}{user}")),
        ("another root", user.replace("UserToken>", "Token>")),
        ("an empty root around", "<Tokens></Tokens>".to_owned()),
        ("two parts alike", format!("<Tokens>{user}{user}</Tokens>")),
        ("a field of the other part", user.replace("</UserToken>", "<AppId>x</AppId></UserToken>")),
        (
            "fields in the other part",
            format!("<Tokens>{}</Tokens>", user.replace("UserToken>", "SecurityToken>")),
        ),
        ("a field in no part", format!("<Tokens>{user}<Email>c</Email></Tokens>")),
        ("an open root", user.replace("</UserToken>", "")),
        ("crossed elements", user.replace("</Display></UserToken>", "</UserToken></Display>")),
        ("another case", user.replace("Display", "display")),
        ("two declarations", format!("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>{user}")),
        ("another encoding", format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{user}")),
        ("an encoding like UTF-8", format!("<?xml version='1.0' encoding='UTF-8859'?>{user}")),
        ("a late declaration", format!("{user}<?xml version=\"1.0\"?>")),
    ] {
        assert!(read(&text).is_err(), "{case}: {text}");
    }
}

#[test]
fn x2_json_and_forms_with_anything_but_fields_are_refused() {
    for text in [
        "{}",
        "[]",
        "{\"UserName\":\"a\"}",
        "{\"UserName\":\"a\",\"Display\":null}",
        "{\"UserName\":\"a\",\"Display\":1}",
        "{\"UserName\":\"a\",\"Display\":[\"b\"]}",
        "{\"UserName\":\"a\",\"Display\":{\"b\":\"c\"}}",
        "{\"UserName\":\"a\",\"Display\":\"b\",\"Display\":\"b\"}",
        "{\"UserName\":\"a\",\"Display\":\"b\",\"Other\":\"c\"}",
        "{\"UserName\":\"a\",\"Display\":\"b\"} x",
        "{\"UserName\":\"a\",\"Display\":\"b\\u0000\"}",
        "{\"UserToken\":[\"a\",\"b\"]}",
        "{\"UserToken\":{\"UserToken\":{\"UserName\":\"a\",\"Display\":\"b\"}}}",
        "{\"UserToken\":{\"UserName\":\"a\"},\"UserToken\":{\"Display\":\"b\"}}",
        "{\"SecurityToken\":{\"UserName\":\"a\",\"Display\":\"b\"}}",
        "{\"UserToken\":{\"UserName\":\"a\",\"Display\":\"b\"},\"UserName\":\"a\"}",
        "{\"$serde_json::private::RawValue\":\"{}\"}",
        "",
        "   ",
        "&",
        "UserName",
        "UserName=a",
        "UserName=a&Display=",
        "UserName=a&Display=b&Display=b",
        "UserName=a&Display=b&other=c",
        "UserName=a&Display=%ff",
        "UserName=a&Display=b%00",
        "username=a&Display=b",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn x2_required_fields_and_maximum_lengths_are_checked() {
    let with = |name: &str, text: &str| {
        let fields = [&SECURITY[..], &USER].concat();
        let changed = fields.iter().filter(|(field, _)| *field != name).copied().chain([(name, text)]);
        let pairs = changed.map(|(name, text)| (name.to_owned(), text.to_owned())).collect::<Vec<_>>();
        Plaintext::try_from(TokenFields::try_from(pairs).unwrap()).map(drop)
    };
    for field in Field::ALL {
        let is_needed = SECURITY.iter().chain(&USER).any(|(name, _)| *name == field.name());
        let expected = if is_needed { Err(PlaintextError::MissingField(field)) } else { Ok(()) };
        assert_eq!(with(field.name(), ""), expected, "{field}");
        let longest = if field == Field::ExtData { 2048 } else { 256 };
        let fits = if field == Field::GenDt { Err(PlaintextError::InvalidValue(field)) } else { Ok(()) };
        assert_eq!(with(field.name(), &"é".repeat(longest)), fits, "{field}");
        assert_eq!(
            with(field.name(), &"é".repeat(longest + 1)),
            Err(PlaintextError::InvalidValue(field)),
            "{field}"
        );
        assert_eq!(with(field.name(), "a\tb"), Err(PlaintextError::InvalidValue(field)), "{field}");
    }
}

proptest! {
    #[test]
    fn x2_every_plaintext_is_parsed_back_in_every_format(
        texts_of in prop::collection::vec("[^\\p{Cc}]{0,20}[^\\p{Cc}\\s][^\\p{Cc}]{0,20}", 12),
        optional: [bool; 7],
    ) {
        let mut values = texts_of.iter();
        let mut fields = vec![("GenDT", "2023-03-08T14:15:53-08:00")];
        for (at, field) in Field::ALL.into_iter().filter(|field| *field != Field::GenDt).enumerate() {
            let place = [None, None, None, Some(0), None, None, Some(1), Some(2), Some(3), Some(4), Some(5), Some(6)][at];
            if place.is_none_or(|place: usize| optional[place]) && let Some(text) = values.next() {
                fields.push((field.name(), text.as_str()));
            }
        }
        let plaintext = plaintext(&fields);
        for format in FORMATS {
            let written = plaintext.write(format);
            prop_assert_eq!(read(&written), Ok(texts(&plaintext)), "{:?}: {}", format, written);
        }
    }

    #[test]
    fn x7_every_text_takes_the_same_work(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "(<UserToken>|</|<UserName>|<!DOCTYPE|&amp;|<!--|\\]\\]>|[a-z&;<>\n ]){0,20}".prop_map(String::into_bytes),
            "\\{(\"UserName\"|\"a\"|:|,|\\{|\\}|\\\\u00|\n| ){0,20}".prop_map(String::into_bytes),
            "(UserName=|&|%|=|[a-z0-9]){0,20}".prop_map(String::into_bytes),
            "<UserToken>(<AppId/>){0,20}<UserName>(&lt;a|&#9;|<!\\[CDATA\\[\\]\\]>){0,80}(</UserName></UserToken>)?"
                .prop_map(String::into_bytes),
            "\\{\"UserName\":\"(\\\\n|\\\\\\\\|\\\\u0061){0,80}(\",\"Display\":\"b\"\\})?".prop_map(String::into_bytes),
            "(UserName=)?(%61|%|&){0,80}".prop_map(String::into_bytes),
        ],
        padding in 0..16_usize,
    ) {
        let mut work = WorkCount::default();
        let length = bytes.len() + padding;
        let _ = Plaintext::read_with_equal_work(&bytes, length, &mut work);
        let mut expected = WorkCount { stages: 5, bytes: length + Field::ALL.len(), events: 0 };
        for bound in FORMATS.map(|format| ParserWork::upper_bound(format, length)) {
            expected.bytes += bound.bytes;
            expected.events += bound.pairs + bound.marks;
        }
        prop_assert_eq!(work, expected);
    }
}
