//! What terms leave unsaid.

use std::sync::LazyLock;

use async_graphql::{Description, Object, SimpleObject};
use remit_domain::{
    readiness::{Finding, RULES, Rule},
    words::Section,
};

use crate::graphql::words::Word;

/// Whether terms can be offered, and what they leave unsaid.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct Readiness {
    /// Whether no finding blocks.
    ready: bool,
    /// What is unsaid, in the order of the sections.
    findings: Vec<ReadinessFinding>,
}

/// One thing that terms leave unsaid or say badly.
#[derive(Clone, Debug)]
pub(crate) struct ReadinessFinding(Finding);

impl Description for ReadinessFinding {
    /// The rules say what there is to be found.
    fn description() -> &'static str {
        static TEXT: LazyLock<String> = LazyLock::new(|| {
            let rule = |rule: &Rule| {
                let blocks = if rule.blocking { " (blocks)" } else { "" };
                format!("\n- {}{blocks}: {}", rule.code, rule.meaning)
            };
            let codes: String = RULES.iter().map(rule).collect();
            format!("One thing that terms leave unsaid or say badly. Of the codes more can come:\n{codes}")
        });
        &TEXT
    }
}

#[Object(use_type_description, crate = "crate::graphql::in_turn")]
impl ReadinessFinding {
    /// The kind of finding. Stable: branch on it.
    async fn code(&self) -> &str {
        self.0.rule.code
    }

    /// Which of the seven sections it belongs to.
    async fn section(&self) -> Word<Section> {
        Word(self.0.rule.section)
    }

    /// Whether the terms cannot be offered while it stands.
    async fn blocking(&self) -> bool {
        self.0.rule.blocking
    }

    /// What was found.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    async fn hint(&self) -> &str {
        self.0.rule.hint
    }

    /// Where in the draft: field names, and places counted from 0.
    async fn path(&self) -> &[String] {
        &self.0.path
    }
}

impl From<Vec<Finding>> for Readiness {
    fn from(findings: Vec<Finding>) -> Self {
        Self {
            ready: findings.iter().all(|finding| !finding.rule.blocking),
            findings: findings.into_iter().map(ReadinessFinding).collect(),
        }
    }
}
