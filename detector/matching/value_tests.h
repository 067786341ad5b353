#pragma once

// Questions to one value that are more than a comparison of text.

#include <string_view>

#include "sigma/sigma_document.h"

namespace picket::detector {

// Whether the whole text is as the pattern says; `?` takes one code point. Complexity: linear in the text for each `*`.
bool MatchesGlob(const sigma::Glob& glob, std::string_view text);

bool Compare(double value, sigma::Comparison comparison, double number);

// The whole text as a number; false when it is none.
bool ParseDouble(std::string_view text, double& number);

// Of 2026-11-23T22:48:13, with or without a fraction and an offset (none means UTC); ISO week. False when it is no time.
bool TimePartOf(std::string_view text, sigma::TimePart part, double& value);

}  // namespace picket::detector
