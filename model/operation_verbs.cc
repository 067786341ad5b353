#include "model/operation_verbs.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/types/span.h"

namespace picket {
namespace {

constexpr OperationVerb kCreates = {1, 1};
constexpr OperationVerb kImports = {6, 1};
constexpr OperationVerb kReads = {2, 2};
constexpr OperationVerb kSearches = {5, 2};
constexpr OperationVerb kExports = {7, 2};
constexpr OperationVerb kShares = {8, 3};
constexpr OperationVerb kUpdates = {3, 3};
constexpr OperationVerb kDeletes = {4, 4};

// How names of operations use the base form of a verb.
enum class Use : uint8_t {
  kVerbOnly,    // as a verb: "DeleteReport"
  kAlsoNoun,    // mostly as a verb, but also as a noun at the start: "ExportCompleted"
  kMostlyNoun,  // mostly as a noun: "AccessRequest", "SearchReport"
  kCmdletOnly,  // as a verb only in cmdlets: "Group-Object"
};

struct Verb {
  std::string_view base;
  std::string_view past;
  std::string_view noun;
  Use use;
  OperationVerb activity;
};

// clang-format off
constexpr Verb kVerbs[] = {
    {"add", "added", "addition", Use::kVerbOnly, kCreates},
    {"branch", {}, {}, Use::kMostlyNoun, kCreates},
    {"build", "built", {}, Use::kMostlyNoun, kCreates},
    {"clone", "cloned", {}, Use::kAlsoNoun, kCreates},
    {"copy", "copied", {}, Use::kAlsoNoun, kCreates},
    {"create", "created", "creation", Use::kVerbOnly, kCreates},
    {{}, "detected", "detection", Use::kVerbOnly, kCreates},
    {"enroll", "enrolled", "enrollment", Use::kVerbOnly, kCreates},
    {"execute", "executed", "execution", Use::kVerbOnly, kCreates},
    {"generate", "generated", "generation", Use::kVerbOnly, kCreates},
    {"grant", "granted", {}, Use::kAlsoNoun, kCreates},
    {"initialize", "initialized", {}, Use::kVerbOnly, kCreates},
    {"initiate", "initiated", "initiation", Use::kVerbOnly, kCreates},
    {"insert", "inserted", "insertion", Use::kVerbOnly, kCreates},
    {"install", "installed", "installation", Use::kVerbOnly, kCreates},
    {"instantiate", "instantiated", {}, Use::kVerbOnly, kCreates},
    {"invite", "invited", "invitation", Use::kAlsoNoun, kCreates},
    {"invoke", "invoked", {}, Use::kVerbOnly, kCreates},
    {"launch", "launched", {}, Use::kAlsoNoun, kCreates},
    {"mount", "mounted", {}, Use::kAlsoNoun, kCreates},
    {"new", {}, {}, Use::kMostlyNoun, kCreates},
    {"post", "posted", {}, Use::kAlsoNoun, kCreates},
    {"provision", "provisioned", {}, Use::kAlsoNoun, kCreates},
    {"put", {}, {}, Use::kVerbOnly, kCreates},
    {"register", "registered", "registration", Use::kVerbOnly, kCreates},
    {"reply", "replied", {}, Use::kAlsoNoun, kCreates},
    {"report", "reported", {}, Use::kMostlyNoun, kCreates},
    {"request", "requested", {}, Use::kMostlyNoun, kCreates},
    {"run", "ran", {}, Use::kAlsoNoun, kCreates},
    {"schedule", "scheduled", {}, Use::kMostlyNoun, kCreates},
    {"send", "sent", {}, Use::kAlsoNoun, kCreates},
    {"start", "started", {}, Use::kAlsoNoun, kCreates},
    {"submit", "submitted", "submission", Use::kVerbOnly, kCreates},
    {"subscribe", "subscribed", "subscription", Use::kVerbOnly, kCreates},
    {"trigger", "triggered", {}, Use::kMostlyNoun, kCreates},
    {"upload", "uploaded", {}, Use::kAlsoNoun, kCreates},
    {"checkpoint", {}, {}, Use::kCmdletOnly, kCreates},
    {"import", "imported", {}, Use::kAlsoNoun, kImports},
    {"access", "accessed", {}, Use::kMostlyNoun, kReads},
    {"acquire", "acquired", "acquisition", Use::kVerbOnly, kReads},
    {"aggregate", "aggregated", "aggregation", Use::kAlsoNoun, kReads},
    {"analyze", "analyzed", "analysis", Use::kVerbOnly, kReads},
    {"browse", "browsed", {}, Use::kVerbOnly, kReads},
    {"check", {}, {}, Use::kMostlyNoun, kReads},
    {"compare", "compared", "comparison", Use::kVerbOnly, kReads},
    {"detect", {}, {}, Use::kVerbOnly, kReads},
    {"determine", "determined", {}, Use::kVerbOnly, kReads},
    {"discover", "discovered", "discovery", Use::kVerbOnly, kReads},
    {"evaluate", "evaluated", "evaluation", Use::kVerbOnly, kReads},
    {"explore", "explored", {}, Use::kVerbOnly, kReads},
    {"extract", "extracted", "extraction", Use::kVerbOnly, kReads},
    {"fetch", "fetched", {}, Use::kVerbOnly, kReads},
    {"find", "found", {}, Use::kVerbOnly, kReads},
    {"get", {}, {}, Use::kVerbOnly, kReads},
    {"inspect", "inspected", "inspection", Use::kVerbOnly, kReads},
    {"list", "listed", {}, Use::kMostlyNoun, kReads},
    {"load", "loaded", {}, Use::kAlsoNoun, kReads},
    {"measure", "measured", {}, Use::kMostlyNoun, kReads},
    {"open", "opened", {}, Use::kAlsoNoun, kReads},
    {"prefetch", "prefetched", {}, Use::kVerbOnly, kReads},
    {"preview", "previewed", {}, Use::kMostlyNoun, kReads},
    {"print", "printed", {}, Use::kAlsoNoun, kReads},
    {"query", "queried", {}, Use::kMostlyNoun, kReads},
    {"read", "read", {}, Use::kVerbOnly, kReads},
    {"receive", "received", {}, Use::kVerbOnly, kReads},
    {"render", "rendered", {}, Use::kVerbOnly, kReads},
    {"retrieve", "retrieved", "retrieval", Use::kVerbOnly, kReads},
    {"select", "selected", "selection", Use::kVerbOnly, kReads},
    {"show", "shown", {}, Use::kAlsoNoun, kReads},
    {"test", "tested", {}, Use::kAlsoNoun, kReads},
    {"trace", "traced", {}, Use::kMostlyNoun, kReads},
    {"validate", "validated", "validation", Use::kVerbOnly, kReads},
    {"verify", "verified", "verification", Use::kVerbOnly, kReads},
    {"view", "viewed", {}, Use::kAlsoNoun, kReads},
    {"visit", "visited", {}, Use::kMostlyNoun, kReads},
    {"watch", "watched", {}, Use::kAlsoNoun, kReads},
    {"assert", {}, {}, Use::kCmdletOnly, kReads},
    {"backup", {}, {}, Use::kCmdletOnly, kReads},
    {"debug", {}, {}, Use::kCmdletOnly, kReads},
    {"format", {}, {}, Use::kCmdletOnly, kReads},
    {"group", {}, {}, Use::kCmdletOnly, kReads},
    {"out", {}, {}, Use::kCmdletOnly, kReads},
    {"ping", {}, {}, Use::kCmdletOnly, kReads},
    {"use", {}, {}, Use::kCmdletOnly, kReads},
    {"wait", {}, {}, Use::kCmdletOnly, kReads},
    {"search", "searched", {}, Use::kMostlyNoun, kSearches},
    {"download", "downloaded", {}, Use::kAlsoNoun, kExports},
    {"export", "exported", {}, Use::kAlsoNoun, kExports},
    {"forward", "forwarded", {}, Use::kAlsoNoun, kShares},
    {"share", "shared", {}, Use::kMostlyNoun, kShares},
    {"abort", "aborted", {}, Use::kVerbOnly, kUpdates},
    {"accept", "accepted", "acceptance", Use::kVerbOnly, kUpdates},
    {"activate", "activated", "activation", Use::kVerbOnly, kUpdates},
    {"allocate", "allocated", "allocation", Use::kVerbOnly, kUpdates},
    {"allow", "allowed", {}, Use::kVerbOnly, kUpdates},
    {"annotate", "annotated", "annotation", Use::kVerbOnly, kUpdates},
    {"append", "appended", {}, Use::kVerbOnly, kUpdates},
    {"apply", "applied", {}, Use::kVerbOnly, kUpdates},
    {"approve", "approved", "approval", Use::kVerbOnly, kUpdates},
    {"archive", "archived", {}, Use::kMostlyNoun, kUpdates},
    {"assign", "assigned", "assignment", Use::kVerbOnly, kUpdates},
    {"attach", "attached", {}, Use::kVerbOnly, kUpdates},
    {"bind", "bound", "binding", Use::kVerbOnly, kUpdates},
    {"block", "blocked", {}, Use::kMostlyNoun, kUpdates},
    {"break", "broken", {}, Use::kMostlyNoun, kUpdates},
    {"cancel", "cancelled", "cancellation", Use::kVerbOnly, kUpdates},
    {{}, "canceled", {}, Use::kVerbOnly, kUpdates},
    {"change", "changed", "change", Use::kVerbOnly, kUpdates},
    {{}, "checked", {}, Use::kVerbOnly, kUpdates},
    {"checkout", {}, {}, Use::kVerbOnly, kUpdates},
    {{}, "clocked", {}, Use::kVerbOnly, kUpdates},
    {"close", "closed", "closure", Use::kVerbOnly, kUpdates},
    {"commit", "committed", {}, Use::kAlsoNoun, kUpdates},
    {"complete", "completed", "completion", Use::kVerbOnly, kUpdates},
    {"configure", "configured", {}, Use::kVerbOnly, kUpdates},
    {"confirm", "confirmed", "confirmation", Use::kVerbOnly, kUpdates},
    {"connect", "connected", {}, Use::kVerbOnly, kUpdates},
    {"convert", "converted", "conversion", Use::kVerbOnly, kUpdates},
    {"customize", "customized", {}, Use::kVerbOnly, kUpdates},
    {"deactivate", "deactivated", "deactivation", Use::kVerbOnly, kUpdates},
    {"decline", "declined", {}, Use::kVerbOnly, kUpdates},
    {"decrypt", "decrypted", "decryption", Use::kVerbOnly, kUpdates},
    {"demote", "demoted", "demotion", Use::kVerbOnly, kUpdates},
    {"deny", "denied", "denial", Use::kVerbOnly, kUpdates},
    {"deploy", "deployed", "deployment", Use::kVerbOnly, kUpdates},
    {"detach", "detached", {}, Use::kVerbOnly, kUpdates},
    {"disable", "disabled", {}, Use::kVerbOnly, kUpdates},
    {"disallow", "disallowed", {}, Use::kVerbOnly, kUpdates},
    {"disconnect", "disconnected", {}, Use::kVerbOnly, kUpdates},
    {"dismiss", "dismissed", "dismissal", Use::kVerbOnly, kUpdates},
    {"downgrade", "downgraded", {}, Use::kAlsoNoun, kUpdates},
    {"edit", "edited", {}, Use::kAlsoNoun, kUpdates},
    {"enable", "enabled", {}, Use::kVerbOnly, kUpdates},
    {"encrypt", "encrypted", "encryption", Use::kVerbOnly, kUpdates},
    {"end", "ended", {}, Use::kMostlyNoun, kUpdates},
    {"escalate", "escalated", "escalation", Use::kVerbOnly, kUpdates},
    {"expire", "expired", "expiration", Use::kVerbOnly, kUpdates},
    {"extend", "extended", "extension", Use::kVerbOnly, kUpdates},
    {"finish", "finished", {}, Use::kVerbOnly, kUpdates},
    {"flush", "flushed", {}, Use::kVerbOnly, kUpdates},
    {"follow", "followed", {}, Use::kVerbOnly, kUpdates},
    {"handle", "handled", {}, Use::kMostlyNoun, kUpdates},
    {"hide", "hidden", {}, Use::kVerbOnly, kUpdates},
    {"join", "joined", {}, Use::kVerbOnly, kUpdates},
    {"label", "labeled", {}, Use::kMostlyNoun, kUpdates},
    {{}, "labelled", {}, Use::kVerbOnly, kUpdates},
    {"lease", "leased", {}, Use::kMostlyNoun, kUpdates},
    {"lift", "lifted", {}, Use::kAlsoNoun, kUpdates},
    {"limit", {}, {}, Use::kMostlyNoun, kUpdates},
    {"link", "linked", {}, Use::kMostlyNoun, kUpdates},
    {"lock", "locked", {}, Use::kMostlyNoun, kUpdates},
    {"manage", "managed", {}, Use::kVerbOnly, kUpdates},
    {"mark", "marked", {}, Use::kMostlyNoun, kUpdates},
    {"merge", "merged", {}, Use::kAlsoNoun, kUpdates},
    {"migrate", "migrated", "migration", Use::kVerbOnly, kUpdates},
    {"modify", "modified", "modification", Use::kVerbOnly, kUpdates},
    {"move", "moved", {}, Use::kAlsoNoun, kUpdates},
    {"mute", "muted", {}, Use::kVerbOnly, kUpdates},
    {"opt", {}, {}, Use::kVerbOnly, kUpdates},
    {"optimize", "optimized", "optimization", Use::kVerbOnly, kUpdates},
    {"override", "overridden", {}, Use::kAlsoNoun, kUpdates},
    {"patch", "patched", {}, Use::kAlsoNoun, kUpdates},
    {"pause", "paused", {}, Use::kAlsoNoun, kUpdates},
    {"permit", "permitted", {}, Use::kMostlyNoun, kUpdates},
    {"pin", "pinned", {}, Use::kAlsoNoun, kUpdates},
    {"process", "processed", {}, Use::kMostlyNoun, kUpdates},
    {"promote", "promoted", "promotion", Use::kVerbOnly, kUpdates},
    {"protect", "protected", "protection", Use::kVerbOnly, kUpdates},
    {"publish", "published", "publication", Use::kVerbOnly, kUpdates},
    {"react", "reacted", {}, Use::kVerbOnly, kUpdates},
    {"rebind", "rebound", {}, Use::kVerbOnly, kUpdates},
    {"recover", "recovered", "recovery", Use::kVerbOnly, kUpdates},
    {"redact", "redacted", "redaction", Use::kVerbOnly, kUpdates},
    {"redo", {}, {}, Use::kVerbOnly, kUpdates},
    {"reencrypt", "reencrypted", {}, Use::kVerbOnly, kUpdates},
    {"refresh", "refreshed", {}, Use::kAlsoNoun, kUpdates},
    {"reject", "rejected", "rejection", Use::kVerbOnly, kUpdates},
    {"relabel", "relabeled", {}, Use::kVerbOnly, kUpdates},
    {{}, "relabelled", {}, Use::kVerbOnly, kUpdates},
    {"release", "released", {}, Use::kMostlyNoun, kUpdates},
    {"rename", "renamed", {}, Use::kVerbOnly, kUpdates},
    {"renew", "renewed", "renewal", Use::kVerbOnly, kUpdates},
    {"reopen", "reopened", {}, Use::kVerbOnly, kUpdates},
    {"repair", "repaired", {}, Use::kAlsoNoun, kUpdates},
    {"replace", "replaced", "replacement", Use::kVerbOnly, kUpdates},
    {"reset", "reset", "reset", Use::kVerbOnly, kUpdates},
    {"resolve", "resolved", "resolution", Use::kVerbOnly, kUpdates},
    {"respond", "responded", {}, Use::kVerbOnly, kUpdates},
    {"restart", "restarted", {}, Use::kAlsoNoun, kUpdates},
    {"restore", "restored", "restoration", Use::kVerbOnly, kUpdates},
    {"restrict", "restricted", "restriction", Use::kVerbOnly, kUpdates},
    {"resume", "resumed", {}, Use::kAlsoNoun, kUpdates},
    {"retry", "retried", {}, Use::kAlsoNoun, kUpdates},
    {"rotate", "rotated", "rotation", Use::kVerbOnly, kUpdates},
    {"save", "saved", {}, Use::kVerbOnly, kUpdates},
    {"set", "set", {}, Use::kVerbOnly, kUpdates},
    {"split", {}, {}, Use::kAlsoNoun, kUpdates},
    {"stop", "stopped", {}, Use::kAlsoNoun, kUpdates},
    {"suspend", "suspended", "suspension", Use::kVerbOnly, kUpdates},
    {"switch", "switched", {}, Use::kMostlyNoun, kUpdates},
    {"sync", "synced", {}, Use::kMostlyNoun, kUpdates},
    {"tag", "tagged", {}, Use::kMostlyNoun, kUpdates},
    {"take", "took", {}, Use::kVerbOnly, kUpdates},
    {{}, "taken", {}, Use::kVerbOnly, kUpdates},
    {"terminate", "terminated", "termination", Use::kVerbOnly, kUpdates},
    {"toggle", "toggled", {}, Use::kAlsoNoun, kUpdates},
    {"transfer", "transferred", {}, Use::kAlsoNoun, kUpdates},
    {"triage", "triaged", {}, Use::kAlsoNoun, kUpdates},
    {"unarchive", "unarchived", {}, Use::kVerbOnly, kUpdates},
    {"unassign", "unassigned", {}, Use::kVerbOnly, kUpdates},
    {"unbind", "unbound", {}, Use::kVerbOnly, kUpdates},
    {"unblock", "unblocked", {}, Use::kVerbOnly, kUpdates},
    {"undelete", "undeleted", {}, Use::kVerbOnly, kUpdates},
    {"undo", {}, {}, Use::kVerbOnly, kUpdates},
    {"unfollow", "unfollowed", {}, Use::kVerbOnly, kUpdates},
    {"unhide", "unhidden", {}, Use::kVerbOnly, kUpdates},
    {"unjoin", "unjoined", {}, Use::kVerbOnly, kUpdates},
    {"unlink", "unlinked", {}, Use::kVerbOnly, kUpdates},
    {"unlock", "unlocked", {}, Use::kVerbOnly, kUpdates},
    {"unmark", "unmarked", {}, Use::kVerbOnly, kUpdates},
    {"unmute", "unmuted", {}, Use::kVerbOnly, kUpdates},
    {"unpin", "unpinned", {}, Use::kVerbOnly, kUpdates},
    {"unprotect", "unprotected", {}, Use::kVerbOnly, kUpdates},
    {"update", "updated", "update", Use::kVerbOnly, kUpdates},
    {"upgrade", "upgraded", {}, Use::kAlsoNoun, kUpdates},
    {"upsert", "upserted", {}, Use::kVerbOnly, kUpdates},
    {"write", "written", {}, Use::kVerbOnly, kUpdates},
    {"compress", {}, {}, Use::kCmdletOnly, kUpdates},
    {"enter", {}, {}, Use::kCmdletOnly, kUpdates},
    {"exit", {}, {}, Use::kCmdletOnly, kUpdates},
    {"expand", {}, {}, Use::kCmdletOnly, kUpdates},
    {"pop", {}, {}, Use::kCmdletOnly, kUpdates},
    {"push", {}, {}, Use::kCmdletOnly, kUpdates},
    {"resize", {}, {}, Use::kCmdletOnly, kUpdates},
    {"skip", {}, {}, Use::kCmdletOnly, kUpdates},
    {"step", {}, {}, Use::kCmdletOnly, kUpdates},
    {"cleanup", {}, {}, Use::kVerbOnly, kDeletes},
    {"clear", "cleared", {}, Use::kAlsoNoun, kDeletes},
    {"delete", "deleted", "deletion", Use::kVerbOnly, kDeletes},
    {"destroy", "destroyed", "destruction", Use::kVerbOnly, kDeletes},
    {"discard", "discarded", {}, Use::kVerbOnly, kDeletes},
    {"dismount", "dismounted", {}, Use::kVerbOnly, kDeletes},
    {"drop", "dropped", {}, Use::kAlsoNoun, kDeletes},
    {"erase", "erased", {}, Use::kVerbOnly, kDeletes},
    {"purge", "purged", {}, Use::kVerbOnly, kDeletes},
    {"recycle", "recycled", {}, Use::kVerbOnly, kDeletes},
    {"remove", "removed", "removal", Use::kVerbOnly, kDeletes},
    {"revoke", "revoked", "revocation", Use::kVerbOnly, kDeletes},
    {"unenroll", "unenrolled", {}, Use::kVerbOnly, kDeletes},
    {"uninstall", "uninstalled", {}, Use::kVerbOnly, kDeletes},
    {"unpublish", "unpublished", {}, Use::kVerbOnly, kDeletes},
    {"unregister", "unregistered", {}, Use::kVerbOnly, kDeletes},
    {"unshare", "unshared", {}, Use::kVerbOnly, kDeletes},
    {"unsubscribe", "unsubscribed", {}, Use::kVerbOnly, kDeletes},
    {"wipe", "wiped", {}, Use::kAlsoNoun, kDeletes},
    {"withdraw", "withdrawn", "withdrawal", Use::kVerbOnly, kDeletes},
};
// clang-format on

// The forms that a word can be. "Set" is a base form and a past tense.
struct WordForms {
  std::string_view word;
  const Verb* base = nullptr;
  const Verb* past = nullptr;
  const Verb* noun = nullptr;
};

std::vector<WordForms> MakeForms() {
  std::vector<WordForms> forms;
  for (const Verb& verb : kVerbs) {
    if (!verb.base.empty()) forms.push_back({verb.base, &verb, nullptr, nullptr});
    if (!verb.past.empty()) forms.push_back({verb.past, nullptr, &verb, nullptr});
    if (!verb.noun.empty()) forms.push_back({verb.noun, nullptr, nullptr, &verb});
  }
  std::stable_sort(forms.begin(), forms.end(), [](const WordForms& left, const WordForms& right) {
    return left.word < right.word;
  });
  std::vector<WordForms> merged;
  for (const WordForms& one : forms) {
    if (merged.empty() || merged.back().word != one.word) {
      merged.push_back(one);
      continue;
    }
    WordForms& all = merged.back();
    if (all.base == nullptr) all.base = one.base;
    if (all.past == nullptr) all.past = one.past;
    if (all.noun == nullptr) all.noun = one.noun;
  }
  return merged;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
// Bytes of characters beyond ASCII count as letters.
bool IsLetter(char c) { return IsUpper(c) || (c >= 'a' && c <= 'z') || (c & 0x80) != 0; }
bool IsWordCharacter(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }

const WordForms& FormsOf(std::string_view word) {
  static const std::vector<WordForms>* const forms = new std::vector<WordForms>(MakeForms());
  static constexpr WordForms kNone;
  static constexpr size_t kLongestWord = 16;
  if (word.size() > kLongestWord) return kNone;
  char buffer[kLongestWord];
  for (size_t i = 0; i < word.size(); ++i) buffer[i] = Lower(word[i]);
  const std::string_view key(buffer, word.size());
  const auto found = std::lower_bound(
      forms->begin(), forms->end(), key,
      [](const WordForms& one, std::string_view wanted) { return one.word < wanted; });
  return found == forms->end() || found->word != key ? kNone : *found;
}

// Removes the first word from `rest` and returns it. A word ends before a character that is neither
// a letter nor a digit, before a capital letter that follows a small letter or a digit, and before
// the last capital letter of several ("PWASettings"). Returns an empty word at the end.
std::string_view TakeWord(std::string_view& rest) {
  size_t start = 0;
  while (start < rest.size() && !IsWordCharacter(rest[start])) ++start;
  size_t end = start;
  while (end < rest.size() && IsWordCharacter(rest[end])) {
    if (end > start && IsUpper(rest[end])) {
      const bool after_capital = IsUpper(rest[end - 1]);
      const bool before_small =
          end + 1 < rest.size() && IsLetter(rest[end + 1]) && !IsUpper(rest[end + 1]);
      if (!after_capital || before_small) break;
    }
    ++end;
  }
  const std::string_view word = rest.substr(start, end - start);
  rest.remove_prefix(end);
  return word;
}

}  // namespace

const OperationVerb* FindOperationVerb(std::string_view operation) {
  // No documented name has more words; further words are not considered.
  static constexpr size_t kMostWords = 24;
  const WordForms* words[kMostWords];
  size_t count = 0;
  for (std::string_view rest = operation; count < kMostWords; ++count) {
    const std::string_view word = TakeWord(rest);
    if (word.empty()) break;
    words[count] = &FormsOf(word);
  }
  if (count == 0) return nullptr;
  const WordForms& first = *words[0];
  const WordForms& last = *words[count - 1];
  const auto activity = [](const Verb* verb) { return &verb->activity; };
  const auto is_verb = [](const Verb* verb) {
    return verb != nullptr && verb->use != Use::kMostlyNoun && verb->use != Use::kCmdletOnly;
  };
  if (first.base != nullptr && first.base->use == Use::kVerbOnly) return activity(first.base);
  if (last.past != nullptr) return activity(last.past);
  if (first.base != nullptr && first.base->use != Use::kCmdletOnly) {
    const bool is_noun = first.base->use == Use::kMostlyNoun && count > 1;
    if (is_noun && last.noun != nullptr) return activity(last.noun);
    if (is_noun && last.base != nullptr && last.base->use == Use::kVerbOnly) {
      return activity(last.base);
    }
    return activity(first.base);
  }
  if (first.past != nullptr) return activity(first.past);
  if (is_verb(last.base)) return activity(last.base);
  if (last.noun != nullptr) return activity(last.noun);
  const absl::Span<const WordForms* const> all(words, count);
  for (const WordForms* word : all) {
    if (word->past != nullptr) return activity(word->past);
  }
  for (const WordForms* word : all) {
    if (is_verb(word->base)) return activity(word->base);
  }
  return nullptr;
}

const OperationVerb* FindCmdletVerb(std::string_view cmdlet) {
  const WordForms& verb = FormsOf(TakeWord(cmdlet));
  return verb.base == nullptr ? nullptr : &verb.base->activity;
}

bool IsCmdletName(std::string_view operation) {
  const size_t dash = operation.find('-');
  return dash != std::string_view::npos && dash > 1 && dash + 1 < operation.size() &&
         operation[0] >= 'A' && operation[0] <= 'Z' && operation[dash + 1] >= 'A' &&
         operation[dash + 1] <= 'Z' && operation.find(' ') == std::string_view::npos;
}

}  // namespace picket
