#pragma once

#include "simulator/story_writer.h"

namespace picket::simulator {

// Writes the attacks on the tenant's protection and on the parties that the tenant trusts. Uses
// twelve people of the story's Cast (simulator/scenario.h).
void WriteTenantStories(StoryWriter& story);

}  // namespace picket::simulator
