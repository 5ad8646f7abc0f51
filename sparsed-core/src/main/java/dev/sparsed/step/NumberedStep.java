package dev.sparsed.step;

/** A step of which only the number is known. */
record NumberedStep(int step, int totalSteps) implements StepContext {}
