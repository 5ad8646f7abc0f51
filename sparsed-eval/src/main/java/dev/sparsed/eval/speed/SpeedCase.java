package dev.sparsed.eval.speed;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * One generation that is measured.
 *
 * @param method the method's name
 * @param context tokens of the prompt, at least 1
 * @param generation tokens to generate, at least 1
 * @param steps denoising steps, at least 1
 */
public record SpeedCase(String method, int context, int generation, int steps) {

  /** Checks the lengths. */
  public SpeedCase {
    checkArgument(context >= 1, "the context must be at least 1 token but is %s", context);
    checkArgument(generation >= 1, "the generation must be at least 1 token but is %s", generation);
    checkArgument(steps >= 1, "steps must be at least 1 but is %s", steps);
  }

  SpeedCase withSteps(int other) {
    return new SpeedCase(method, context, generation, other);
  }
}
