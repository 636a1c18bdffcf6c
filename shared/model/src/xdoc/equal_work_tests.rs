//! All refused tokens get the same response and take the same work (X7).

use crypto::{Mode, Padding};
use proptest::prelude::*;

use crate::xdoc::verify_tests::{GEN_DT, MODES, PADDINGS, at, security, set, settings};
use crate::{Format, OpenTokenSet, PresentedTokens, verify_tokens};

/// Tokens of the same length. Each has one fault, except the last.
fn wrong_tokens(
    set: &OpenTokenSet,
    foreign: &OpenTokenSet,
    at: usize,
    with: u8,
) -> Vec<(&'static str, String)> {
    let sound = security("", "");
    let text = sound.write(Format::Xml);
    let seal = |text: &str| set.cipher.seal(&text.as_bytes()[..text.len() / 16 * 16]).unwrap();
    let whole = text.clone() + &" ".repeat(16 - text.len() % 16);
    let corrupted = {
        let mut bytes = seal(&whole).into_bytes();
        let places: Vec<_> = (0..bytes.len()).filter(|at| !b"=.".contains(&bytes[*at])).collect();
        let place = places[at % places.len()];
        bytes[place] = if bytes[place] == with { b'%' } else { with };
        String::from_utf8(bytes).unwrap()
    };
    let mut not_utf8 = whole.clone().into_bytes();
    not_utf8[40] = 0xFF;
    vec![
        ("another character", corrupted),
        ("another key", foreign.cipher.seal(whole.as_bytes()).unwrap()),
        ("another context", seal(&whole.replace("MyContext", "MyContexT"))),
        ("another app key", seal(&whole.replace("MyAppKey", "MyAppKeY"))),
        ("another time", seal(&whole.replace("2027", "2026"))),
        ("no time", seal(&whole.replace(GEN_DT, &" ".repeat(GEN_DT.len())))),
        ("no XML", seal(&whole.replace("</Context>", "</context>"))),
        ("an open end", seal(&whole.replace("</SecurityToken>", "                "))),
        ("a DTD", seal(&format!("<!DOCTYPE>{}", &whole[..whole.len() - 10]))),
        ("no JSON", seal(&format!("{{{}", &whole[1..]))),
        ("no form", seal(&format!("x{}", &whole[1..]))),
        ("not UTF-8", set.cipher.seal(&not_utf8).unwrap()),
        ("nothing wrong", seal(&whole)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn x7_every_failure_has_the_same_response_and_work(at_place: usize, with in "[A-Za-z0-9 %_-]", first: bool) {
        for (mode, padding) in MODES.into_iter().flat_map(|mode| PADDINGS.map(|padding| (mode, padding))) {
            let mut sets = vec![
                set(mode, padding, 1, &["MyAppKey", "another"]),
                set(Mode::Cbc, Padding::Pkcs7, 3, &[]),
                set(Mode::Jwe, Padding::Pkcs7, 4, &["a", "b", "c"]),
            ];
            let tokens = wrong_tokens(&sets[0], &set(mode, padding, 2, &[]), at_place, with.as_bytes()[0]);
            if first {
                sets.reverse();
            }
            let verifications = tokens.iter().map(|(case, token)| {
                let presented = PresentedTokens { xst: Some(token), ..PresentedTokens::default() };
                (case, verify_tokens(&sets, &settings(), presented, at(0)))
            });
            let verifications: Vec<_> = verifications.collect();
            let (last, refused) = verifications.split_last().unwrap();
            prop_assert!(last.1.result.is_ok(), "{:?} {:?}: {:?}", mode, padding, last.1.result);
            for (case, verification) in refused {
                prop_assert_eq!(verification.work, last.1.work, "{:?} {:?}: {}", mode, padding, case);
                if let Err(refusal) = &verification.result {
                    prop_assert_eq!(refusal.to_string(), "the tokens are refused");
                } else {
                    // CBC and ECB do not detect every change: it may be in white space, or in the app's name.
                    prop_assert!(!mode.is_authenticated() && **case == "another character", "{}", case);
                }
            }
        }
    }

    #[test]
    fn x7_arbitrary_text_is_refused(
        xst in "[A-Za-z0-9+/=._ \u{e9}-]{0,120}",
        xut in prop::option::of("[A-Za-z0-9+/]{0,4}"),
        xsc in prop::option::of(".{0,8}"),
    ) {
        let sets = MODES.map(|mode| set(mode, Padding::None, 1, &[]));
        let presented = PresentedTokens { xst: Some(&xst), xut: xut.as_deref(), xsc: xsc.as_deref() };
        prop_assert!(verify_tokens(&sets, &settings(), presented, at(0)).result.is_err());
    }
}
