"""When things move: the stages of a pass, the cursor, the clock, color scales and ramps. Pure, without Qt."""
