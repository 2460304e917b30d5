//! What a result that comes from outside must look like: the JSON Schema that ships with the core.

use jsonschema::Validator;
use serde_json::Value;
use std::sync::LazyLock;

/// The schema itself, as it is described to programs.
pub(super) static RESULT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../telltale-core/schema/result.schema.json")).unwrap_or_default()
});

/// `None`: the schema that ships is none, which a test refuses.
static CHECK: LazyLock<Option<Validator>> = LazyLock::new(|| jsonschema::validator_for(&RESULT).ok());

/// Refuses what is no result, with the place of the first fault.
pub(super) fn check(result: &Value) -> Result<(), String> {
    let Some(check) = &*CHECK else {
        return Err("the schema of results cannot be read".to_owned());
    };
    check.validate(result).map_err(|fault| {
        let place = fault.instance_path().to_string();
        let said: String = fault.to_string().chars().take(300).collect();
        if place.is_empty() {
            said
        } else {
            format!("{place}: {said}")
        }
    })
}
