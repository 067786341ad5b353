#pragma once

#include "simulator/story_writer.h"

namespace picket::simulator {

// Writes the attacks other than those of account_stories.h. Most of them weaken the protection of a
// whole tenant. Uses twelve people of the story's Cast (simulator/scenario.h).
void WriteTenantStories(StoryWriter& story);

}  // namespace picket::simulator
