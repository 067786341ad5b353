#pragma once

// Tests of numbers and parts of times. matcher.cc contains the other tests of a value, and calls
// these functions.

#include <string_view>

#include "sigma/sigma_document.h"

namespace picket::detector {

bool Compare(double value, sigma::Comparison comparison, double number);

// Compares `text`, whose value as a double is `value`, with a number. If the doubles are equal, the
// decimal digits are compared, because several numbers can become the same double. `exact_number`
// contains the digits of `number`.
bool CompareExactly(std::string_view text, double value, sigma::Comparison comparison,
                    double number, std::string_view exact_number);

// Parses the whole string as a number. Returns false if the string is not a number.
bool ParseDouble(std::string_view text, double& number);

// Extracts a part of a time, in UTC. `text` is a calendar time, such as 2026-11-23T22:48:13, or a
// number of seconds or milliseconds since 1970. A calendar time may have a fraction and an offset
// from UTC. Weeks are ISO weeks. Returns false if `text` is not a time.
bool TimePartOf(std::string_view text, sigma::TimePart part, double& value);

}  // namespace picket::detector
