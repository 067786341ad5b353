// Runs rsigma for bench/peers/run. Reads commands from standard input, and answers each command with one line. The
// commands and their answers are:
//
//   rules FOLDER COPIES                       -> rules SECONDS
//   measure SETTING MODE LANE SECONDS         -> events matches events_per_second
//   matches SETTING LANE OUTPUT               -> events matches
//
// `matches` writes a line "event<TAB>rule id" to OUTPUT for each match.
//
// LANE is a file with one event per line. SETTING consists of settings of rsigma's engine, joined by '+': default,
// route, bloom, ac. MODE is one of these:
//
//   match   matches parsed events (serde_json values)
//   hot     like `match`, but parses a few hundred events at a time, so that they are still in the CPU cache
//   json    parses and matches events
//   parse   only parses events

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use rsigma_eval::event::JsonEvent;
use rsigma_eval::{Engine, LogSourceExtractor};
use rsigma_parser::{SigmaCollection, parse_sigma_directory};
use serde_json::Value;

// The released binary of rsigma uses this allocator, too.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const HOT_EVENTS: usize = 256;

struct Lane {
    lines: Vec<String>,
    parsed: Vec<Value>,
}

#[derive(Default)]
struct Session {
    rules: SigmaCollection,
    engines: HashMap<String, Engine>,
    lanes: HashMap<String, Lane>,
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).expect("the lanes hold one JSON object a line")
}

fn evaluate(engine: &Engine, event: &Value) -> usize {
    black_box(engine.evaluate(&JsonEvent::borrow(event))).len()
}

impl Session {
    fn load(&mut self, folder: &str, copies: usize) -> String {
        let begin = Instant::now();
        self.engines.clear();
        self.rules = parse_sigma_directory(Path::new(folder)).expect("a folder of rules");
        let once = self.rules.rules.clone();
        for copy in 1..copies {
            for rule in &once {
                let mut renamed = rule.clone();
                renamed.id = renamed.id.map(|id| format!("copy{copy}-{id}"));
                renamed.title = format!("{} ({copy})", renamed.title);
                self.rules.rules.push(renamed);
            }
        }
        let rules = self.engine("default").rule_count();
        format!("{rules} {:.3}", begin.elapsed().as_secs_f64())
    }

    fn engine(&mut self, setting: &str) -> &Engine {
        let rules = &self.rules;
        self.engines.entry(setting.to_string()).or_insert_with(|| {
            let mut engine = Engine::new();
            for part in setting.split('+') {
                match part {
                    "default" => {}
                    "route" => engine.set_logsource_extractor(Some(LogSourceExtractor::new())),
                    "bloom" => engine.set_bloom_prefilter(true),
                    "ac" => engine.set_cross_rule_ac(true),
                    other => panic!("unknown setting {other}"),
                }
            }
            for (index, error) in engine.add_rules(rules.rules.iter()) {
                eprintln!("rsigma left out '{}': {error}", rules.rules[index].title);
            }
            engine
        })
    }

    fn prepare(&mut self, setting: &str, lane: &str) -> (&Engine, &Lane) {
        self.engine(setting);
        self.lanes.entry(lane.to_string()).or_insert_with(|| {
            let text = fs::read_to_string(lane).expect("a lane of events");
            let lines: Vec<String> = text.lines().filter(|l| !l.is_empty()).map(String::from).collect();
            let parsed = lines.iter().map(|l| parse(l)).collect();
            Lane { lines, parsed }
        });
        (&self.engines[setting], &self.lanes[lane])
    }

    fn measure(&mut self, setting: &str, mode: &str, lane: &str, seconds: f64) -> String {
        let (engine, lane) = self.prepare(setting, lane);
        // Processes all events once. Returns the measured time and the number of matches.
        let pass = || -> (Duration, usize) {
            let mut matches = 0;
            let begin = Instant::now();
            match mode {
                "match" => {
                    for event in &lane.parsed {
                        matches += evaluate(engine, event);
                    }
                }
                "json" => {
                    for line in &lane.lines {
                        matches += evaluate(engine, &parse(line));
                    }
                }
                "parse" => {
                    for line in &lane.lines {
                        black_box(parse(line));
                    }
                }
                "hot" => {
                    let mut spent = Duration::ZERO;
                    for lines in lane.lines.chunks(HOT_EVENTS) {
                        let events: Vec<Value> = lines.iter().map(|l| parse(l)).collect();
                        let begin = Instant::now();
                        for event in &events {
                            matches += evaluate(engine, event);
                        }
                        spent += begin.elapsed();
                    }
                    return (spent, matches);
                }
                other => panic!("unknown mode {other}"),
            }
            (begin.elapsed(), matches)
        };
        let (_, matches) = pass();
        let (mut spent, mut passes) = (Duration::ZERO, 0);
        while spent.as_secs_f64() < seconds {
            let (time, again) = pass();
            assert_eq!(again, matches);
            spent += time;
            passes += 1;
        }
        let rate = (passes * lane.lines.len()) as f64 / spent.as_secs_f64();
        format!("{} {matches} {rate:.0}", lane.lines.len())
    }

    fn matches(&mut self, setting: &str, lane: &str, output: &str) -> String {
        let (engine, lane) = self.prepare(setting, lane);
        let (mut text, mut matches) = (String::new(), 0);
        for (index, event) in lane.parsed.iter().enumerate() {
            for result in engine.evaluate(&JsonEvent::borrow(event)) {
                let id = result.header.rule_id.unwrap_or(result.header.rule_title);
                writeln!(text, "{index}\t{id}").expect("text");
                matches += 1;
            }
        }
        fs::write(output, text).expect("the output can be written");
        format!("{} {matches}", lane.lines.len())
    }
}

fn main() {
    let mut session = Session::default();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("commands are text");
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words.as_slice() {
            ["rules", folder, copies] => session.load(folder, copies.parse().expect("a number")),
            ["measure", setting, mode, lane, seconds] => {
                session.measure(setting, mode, lane, seconds.parse().expect("seconds"))
            }
            ["matches", setting, lane, output] => session.matches(setting, lane, output),
            _ => panic!("unknown command: {line}"),
        };
        println!("{answer}");
        std::io::stdout().flush().expect("the driver reads");
    }
}
