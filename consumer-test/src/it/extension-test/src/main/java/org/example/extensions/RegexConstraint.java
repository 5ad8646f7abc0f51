package org.example.extensions;

import dev.sparsed.models.decoding.Canvas;
import dev.sparsed.models.decoding.MaskedSequence;
import dev.sparsed.models.decoding.TokenConstraint;
import dev.sparsed.text.Tokenizer;
import dk.brics.automaton.Automaton;
import dk.brics.automaton.RegExp;
import dk.brics.automaton.State;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Generated text must match a regular expression, whatever order its positions are decided in: a
 * token is allowed where the automaton can come to it by what stands before, decided or not, and
 * from it to an accepting end by what stands behind. The text ends at the first token that ends a
 * text, or with its gap.
 */
public final class RegexConstraint implements TokenConstraint {

  /** The state behind the end of the text; those of the automaton are numbered from 1. */
  private static final int ENDED = 0;

  private final String expression;
  private final Tokenizer tokenizer;
  private final Set<Integer> ends;
  private final Map<State, Integer> numbers = new HashMap<>();
  private final List<State> states = new ArrayList<>();
  private final int initial;

  /** State that each token leads to, -1 for none, by state; computed when a state is first met. */
  private final Map<Integer, int[]> transitions = new HashMap<>();

  /**
   * A constraint by a regular expression in the syntax of dk.brics.automaton.
   *
   * @param expression what the whole text must match
   * @param tokenizer turns tokens into text
   * @param ends tokens that end a text
   */
  public RegexConstraint(String expression, Tokenizer tokenizer, Set<Integer> ends) {
    this.expression = expression;
    this.tokenizer = tokenizer;
    this.ends = ends;
    Automaton automaton = new RegExp(expression, RegExp.NONE).toAutomaton();
    automaton.determinize();
    automaton.minimize();
    states.add(new State());
    this.initial = number(automaton.getInitialState());
  }

  /**
   * A flat JSON object with these keys, in this order; its values are strings or numbers.
   *
   * @param keys the keys, of letters, digits, blanks and underscores
   * @return the expression
   */
  public static String jsonObject(String... keys) {
    String quote = "\\\"";
    String text = quote + "[^\\\"\\\\\n]*" + quote;
    String number = "-?[0-9]+(\\.[0-9]+)?";
    return Stream.of(keys)
        .map(key -> quote + key + quote + ": (" + text + "|" + number + ")")
        .collect(Collectors.joining(", ", "\\{", "\\}"));
  }

  private int number(State state) {
    return numbers.computeIfAbsent(
        state,
        added -> {
          states.add(added);
          return states.size() - 1;
        });
  }

  @Override
  public Allowed begin(MaskedSequence sequence, Canvas.Gap gap, int vocabulary) {
    Text text = new Text(sequence, gap, vocabulary);
    if (!text.completable(gap.start()).get(initial)) {
      throw new IllegalArgumentException(
          "no text of at most "
              + gap.length()
              + " of this model's tokens matches "
              + expression);
    }
    return text;
  }

  /** Where each token leads from a state. */
  private synchronized int[] transitions(int state, int vocabulary, int mask) {
    int[] known = transitions.get(state);
    if (known == null) {
      known = new int[vocabulary];
      for (int token = 0; token < vocabulary; token++) {
        known[token] = token == mask ? -1 : next(state, token);
      }
      transitions.put(state, known);
    }
    return known;
  }

  private int next(int state, int token) {
    if (ends.contains(token)) {
      return state == ENDED || states.get(state).isAccept() ? ENDED : -1;
    }
    String text = token < tokenizer.vocabularySize() ? textOf(token) : "";
    if (state == ENDED || text.isEmpty() || text.indexOf('\uFFFD') >= 0) {
      return -1;
    }
    State at = states.get(state);
    for (int i = 0; i < text.length() && at != null; i++) {
      at = at.step(text.charAt(i));
    }
    return at == null ? -1 : number(at);
  }

  private String textOf(int token) {
    return tokenizer.decode(new int[] {token}, true);
  }

  private synchronized boolean isEnd(int state) {
    return state == ENDED || states.get(state).isAccept();
  }

  /** The expression. */
  @Override
  public String toString() {
    return "regex " + expression;
  }

  /** One gap of one sequence. */
  private final class Text implements Allowed {

    private final MaskedSequence sequence;
    private final Canvas.Gap gap;
    private final int vocabulary;
    private final Map<Integer, BitSet> successorsOfAny = new HashMap<>();

    Text(MaskedSequence sequence, Canvas.Gap gap, int vocabulary) {
      this.sequence = sequence;
      this.gap = gap;
      this.vocabulary = vocabulary;
    }

    @Override
    public BitSet tokens(int position) {
      BitSet before = reachable(position);
      BitSet after = completable(position + 1);
      BitSet tokens = new BitSet();
      before.stream()
          .mapToObj(this::from)
          .forEach(
              next -> {
                for (int token = 0; token < next.length; token++) {
                  if (next[token] >= 0 && after.get(next[token])) {
                    tokens.set(token);
                  }
                }
              });
      return tokens;
    }

    private int[] from(int state) {
      return transitions(state, vocabulary, sequence.maskToken());
    }

    /** States that what stands before a position can lead to. */
    private BitSet reachable(int position) {
      BitSet at = new BitSet();
      at.set(initial);
      for (int i = gap.start(); i < position; i++) {
        BitSet next = new BitSet();
        int held = i;
        at.stream().forEach(state -> next.or(successors(state, held)));
        at = next;
      }
      return at;
    }

    /** States from which the text can end by what stands from a position on. */
    private BitSet completable(int position) {
      List<BitSet> layers = new ArrayList<>();
      BitSet all = new BitSet();
      all.set(initial);
      layers.add(all);
      // Only states that are met at all, however the text begins.
      for (int i = gap.start(); i < gap.end(); i++) {
        BitSet next = new BitSet();
        int held = i;
        layers.get(layers.size() - 1).stream().forEach(state -> next.or(successors(state, held)));
        layers.add(next);
      }
      int last = layers.size() - 1;
      BitSet at = new BitSet();
      layers.get(last).stream().filter(RegexConstraint.this::isEnd).forEach(at::set);
      for (int i = last - 1; i >= position - gap.start(); i--) {
        BitSet before = new BitSet();
        BitSet behind = at;
        int held = i + gap.start();
        layers.get(i).stream()
            .filter(state -> successors(state, held).intersects(behind))
            .forEach(before::set);
        at = before;
      }
      return at;
    }

    /** States that the token of a position leads to, or any token if it is masked. */
    private BitSet successors(int state, int position) {
      BitSet next = new BitSet();
      int[] by = from(state);
      if (!sequence.isMasked(position)) {
        int to = by[sequence.tokens()[position]];
        if (to >= 0) {
          next.set(to);
        }
        return next;
      }
      return anySuccessors(state, by);
    }

    private BitSet anySuccessors(int state, int[] by) {
      return successorsOfAny.computeIfAbsent(
          state,
          none -> {
            BitSet next = new BitSet();
            for (int to : by) {
              if (to >= 0) {
                next.set(to);
              }
            }
            return next;
          });
    }
  }
}
