#pragma once

#include "simulator/story_writer.h"

namespace picket::simulator {

// Writes the attacks that begin with the account of a user or an administrator. Uses eight people
// of the story's Cast (simulator/scenario.h).
void WriteAccountStories(StoryWriter& story);

}  // namespace picket::simulator
