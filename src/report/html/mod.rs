//! `report.html`: the whole report as one page that needs nothing else, for a change board and for engineers.
//!
//! Owns the order of the sections and the look of the page. Does not know what figures mean: the view decided that.
//!
//! Invariants: the page makes no request, and its content security policy forbids any; the page of one run has a script of
//! its own, which the policy names by its checksum, without which nothing is missing but what it adds; no other page has any;
//! equal outcomes give equal bytes; a page stays below two megabytes however long the run: lists are cut and say so, lines
//! are thinned.

mod board;
mod campaign;
mod change;
mod comparison;
mod figures;
mod instant;
mod matrix;
mod page;
mod run;
mod service;
mod table;
mod tables;

use super::view::{ChangePaper, ComparisonView, MatrixRow};
use super::{Format, Look, svg};
use crate::explore::Campaign;
use crate::outcome::Outcome;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

/// What a page says of who made it. Only a page that says so is ever overwritten.
pub(super) const GENERATOR: &str = "firedrill";

/// How the page looks, apart from its pictures.
const STYLE: &str = concat!(include_str!("print.css"), include_str!("page.css"));

pub(super) struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }
    fn file(&self) -> Option<&'static str> {
        Some("report.html")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        document(&outcome.scenario, run::whole(outcome), Some(instant::elements(outcome)))
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        let title = campaign.worst.as_ref().map_or("campaign", |worst| worst.scenario.as_str());
        document(title, campaign::whole(campaign), None)
    }
}

/// The paper for a change board.
pub(super) struct ChangePage;

impl Format for ChangePage {
    fn name(&self) -> &'static str {
        "change-request"
    }
    fn file(&self) -> Option<&'static str> {
        Some("change-request.html")
    }
    fn run(&self, outcome: &Outcome, _: Look) -> Vec<u8> {
        document(&outcome.scenario, change::page(&ChangePaper::of_run(outcome), Some(outcome)), None)
    }
    fn campaign(&self, campaign: &Campaign, _: Look) -> Vec<u8> {
        let paper = ChangePaper::of_campaign(campaign);
        document(&paper.name, change::page(&paper, campaign.worst.as_ref()), None)
    }
}

/// Two plans as one page.
pub(super) fn comparison(view: &ComparisonView) -> Vec<u8> {
    document(&view.scenarios[1], comparison::whole(view), None)
}

/// Several scenarios as one page.
pub(super) fn matrix(rows: &[MatrixRow]) -> Vec<u8> {
    document("All scenarios", matrix::whole(rows), None)
}

/// The choice of colours: as the system has them, or one of the two. It works without a script.
fn themes() -> Markup {
    let choices = [("theme-system", "as the system"), ("theme-light", "light"), ("theme-dark", "dark")];
    html! {
        section aria-label="Appearance" { fieldset.themes {
            legend { "Colours" }
            @for (id, name) in choices {
                label { input type="radio" name="theme" id=(id) checked[id == "theme-system"]; " " (name) }
            }
        } } "\n"
    }
}

/// The colours that a reader chose, on a screen. On paper there is one choice.
fn chosen_colors() -> String {
    let mut schemes = svg::COLORS.split(":root{").skip(1).filter_map(|rest| rest.split('}').next());
    let (light, dark) = (schemes.next().unwrap_or_default(), schemes.next().unwrap_or_default());
    format!(
        "@media screen{{:root:has(#theme-light:checked){{{light};color-scheme:light}}\n\
         :root:has(#theme-dark:checked){{{dark};color-scheme:dark}}}}\n"
    )
}

/// The checksum by which a content security policy names the one style, or the one script, that it allows.
fn checksum(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text))
}

/// A page around `body`, and after it what a script reads, and the script.
fn document(title: &str, body: Markup, script: Option<Markup>) -> Vec<u8> {
    let (more_style, scripts) = match script {
        Some(_) => (instant::STYLE, format!("script-src 'sha256-{}'; ", checksum(instant::SCRIPT))),
        None => ("", String::new()),
    };
    let style = format!("{}{}{}{more_style}{STYLE}", svg::COLORS, chosen_colors(), svg::STYLE);
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; {scripts}base-uri 'none'; form-action 'none'",
        checksum(&style)
    );
    let page = html! {
        (DOCTYPE) "\n"
        html lang="en" { "\n"
            head { "\n"
                meta charset="utf-8"; "\n"
                meta http-equiv="Content-Security-Policy" content=(policy); "\n"
                meta name="viewport" content="width=device-width, initial-scale=1"; "\n"
                meta name="color-scheme" content="light dark"; "\n"
                meta name="referrer" content="no-referrer"; "\n"
                meta name="generator" content=(GENERATOR); "\n"
                title { (page::said(title)) " – rehearsal report" } "\n"
                style { (PreEscaped(style)) } "\n"
            } "\n"
            body { "\n"
                a.skip href="#report" { "Skip to the report" } "\n"
                (themes())
                (body)
                @if let Some(script) = script { (script) }
            } "\n"
        } "\n"
    };
    page.into_string().into_bytes()
}

#[cfg(test)]
mod tests;
