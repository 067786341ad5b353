#pragma once

#include "simulator/story_teller.h"

namespace picket::simulator {

// Attacks that begin with the account of a user or an administrator. Takes eight people of the cast.
void TellAccountStories(StoryTeller& story);

// Attacks on what protects the tenant and on what it trusts. Takes twelve people of the cast.
void TellTenantStories(StoryTeller& story);

}  // namespace picket::simulator
