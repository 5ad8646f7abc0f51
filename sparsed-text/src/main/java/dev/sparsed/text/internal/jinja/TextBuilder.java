package dev.sparsed.text.internal.jinja;

/** A text that grows, each character paid for before it is added. */
final class TextBuilder {

  private final Budget budget;
  private final StringBuilder text = new StringBuilder();

  TextBuilder(Budget budget) {
    this.budget = budget;
  }

  Budget budget() {
    return budget;
  }

  TextBuilder append(String part) {
    budget.grow(text.length(), part.length());
    text.append(part);
    return this;
  }

  TextBuilder append(String whole, int from, int to) {
    budget.grow(text.length(), to - from);
    text.append(whole, from, to);
    return this;
  }

  TextBuilder append(int codePoint) {
    budget.grow(text.length(), 2);
    text.appendCodePoint(codePoint);
    return this;
  }

  TextBuilder repeat(String part, long times) {
    budget.grow(text.length(), part.length() * Math.max(0, Math.min(times, Budget.MAX_TEXT + 1L)));
    for (long i = 0; i < times && !part.isEmpty(); i++) {
      text.append(part);
    }
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
