//! The description and the interface say the same.

use crate::ask::{Open, ask};
use serde_json::{Value, json};

/// The example of a path's body.
fn example(said: &Value) -> Option<&Value> {
    said.pointer("/requestBody/content/application~1json/example")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_path_that_is_described_is_there_and_answers_as_described() {
    let open = Open::new().await;
    let description = ask(open.at, "GET", "/openapi.json", &[], b"").await.json();
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["components"]["schemas"]["Result"]["type"], "object");
    let mut asked = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, said) in methods.as_object().unwrap() {
            // Events have no end, and starting is tested with what it starts.
            if path == "/api/events" || path == "/api/start" {
                continue;
            }
            let filled = path.replace("{id}", "1").replace("{uuid}", "1");
            let answer = open.ask(&method.to_uppercase(), &filled, example(said)).await;
            let described = said["responses"].get(answer.status.to_string());
            assert!(described.is_some(), "{method} {path}: {answer:?}");
            let wanted = json!([]);
            let is_open = said.get("security") == Some(&wanted);
            let stranger = ask(open.at, &method.to_uppercase(), &filled, &[], b"").await.status;
            assert_eq!(stranger == 401, !is_open, "{method} {path}");
            asked += 1;
        }
        let other = open.ask("DELETE", path, None).await;
        assert_eq!((other.status, other.error().as_str()), (405, "method"), "{path}");
    }
    assert!(asked > 20, "{asked}");
    assert_eq!(open.get("/api/nothing").await.status, 404);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_description_points_to_is_in_it() {
    fn pointers<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value.as_str() {
                        Some(to) if key == "$ref" => found.push(to),
                        _ => pointers(value, found),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|v| pointers(v, found)),
            _ => {}
        }
    }
    let open = Open::new().await;
    let description = ask(open.at, "GET", "/openapi.json", &[], b"").await.json();
    let mut found = Vec::new();
    pointers(&description, &mut found);
    assert!(found.len() > 100);
    for to in found {
        let at = to.strip_prefix('#').unwrap_or_else(|| panic!("{to} leads elsewhere"));
        assert!(description.pointer(at).is_some(), "{to}");
    }
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_to_try_it_loads_nothing_from_elsewhere() {
    let open = Open::new().await;
    for path in ["/", "/try.js", "/try.css"] {
        let answer = ask(open.at, "GET", path, &[], b"").await;
        assert_eq!(answer.status, 200);
        assert!(
            !answer.body.contains("http://") && !answer.body.contains("https://"),
            "{path}"
        );
        for unsafe_word in [
            "innerHTML",
            "eval(",
            "localStorage",
            "sessionStorage",
            "<style",
            "onclick=",
            "style=",
        ] {
            assert!(!answer.body.contains(unsafe_word), "{path} says {unsafe_word}");
        }
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
    }
    open.engine.close().await;
}
