package dev.sparsed.models.method;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.Lists;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.cache.DualCache;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.cache.SparseDllm;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A method's name says all of it. */
class MethodNamesTest {

  private static Arbitrary<Double> shares() {
    return Arbitraries.oneOf(
        Arbitraries.of(0.0, 0.2, 0.3, 0.5, 0.9, 1.0, Double.MIN_VALUE, 1e-7),
        Arbitraries.doubles().between(0, 1));
  }

  private static Arbitrary<MethodAttention> attentions() {
    Arbitrary<Integer> sizes = Arbitraries.integers().between(1, Integer.MAX_VALUE);
    Arbitrary<Integer> blockSizes = Arbitraries.oneOf(Arbitraries.just(128), sizes);
    Arbitrary<Integer> counts = Arbitraries.integers().between(0, Integer.MAX_VALUE);
    return Arbitraries.oneOf(
        Arbitraries.just(new MethodAttention.Full()),
        Combinators.combine(
                shares(),
                shares(),
                blockSizes,
                Arbitraries.of(MethodAttention.NamedScale.class),
                Arbitraries.of(MethodAttention.Ablation.class).set())
            .as(MethodAttention.SparseD::new),
        Combinators.combine(counts, counts.optional(), blockSizes)
            .as(
                (window, sinks, blockSize) ->
                    new MethodAttention.Window(
                        window,
                        sinks.map(OptionalInt::of).orElse(OptionalInt.empty()),
                        blockSize)));
  }

  private static Arbitrary<CachePolicy> caches() {
    Arbitrary<Integer> delays = Arbitraries.integers().between(0, 5);
    return Arbitraries.oneOf(
        Arbitraries.create(CachePolicy::none),
        delays.map(PrefixCache::new),
        delays.map(DualCache::new),
        Combinators.combine(
                shares(),
                Arbitraries.integers().between(0, 9).map(half -> 2 * half + 1),
                delays,
                Arbitraries.of(SparseDllm.Evicted.class),
                Arbitraries.integers().between(0, 9))
            .as(SparseDllm::new));
  }

  @Provide
  Arbitrary<Method> methods() {
    Arbitrary<MethodDecoding> decodings =
        Combinators.combine(
                Arbitraries.integers().between(1, 64).optional(),
                shares().optional(),
                Combinators.combine(shares(), Arbitraries.integers().between(0, 20))
                    .as(MethodDecoding.Editing::new)
                    .optional())
            .as(
                (length, threshold, editing) ->
                    new MethodDecoding(
                        length.map(OptionalInt::of).orElse(OptionalInt.empty()),
                        threshold.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                        threshold.isPresent() ? editing : Optional.empty()));
    return Combinators.combine(attentions(), caches(), decodings).as(Method::new);
  }

  @Property(tries = 500)
  void aNameGivesTheMethodThatItIsOf(@ForAll("methods") Method method) {
    assertEquals(method, Method.parse(method.name()), method::name);
    assertEquals(method.name(), Method.parse(method.name()).name());
  }

  @Property(tries = 200)
  void partsMayStandInAnyOrderAndSpelling(@ForAll("methods") Method method) {
    List<String> parts = Splitter.on('+').splitToList(method.name());
    String turned = String.join(" + ", Lists.reverse(parts));
    assertEquals(method, Method.parse(Ascii.toUpperCase(turned)));
    assertEquals(method, Method.parse(method.name().replace('-', '_').replace("e_", "e-")));
  }

  @Property(tries = 300)
  void whatIsGivenBesideTheNameIsWhatTheNameLeavesOut(@ForAll("methods") Method method) {
    String bare = method.name().replaceAll(":[^+]*", "");
    MethodSettings settings = MethodSettings.NONE;
    for (String piece : Splitter.on(CharMatcher.anyOf("+:")).split(method.name())) {
      settings = piece.contains("=") ? settings.with(piece) : settings;
    }
    assertEquals(method, Method.parse(bare, settings));
  }

  @Example
  void namesAreShort() {
    for (String preset : Method.presets()) {
      assertEquals(preset, Method.parse(preset).name());
    }
    assertEquals(
        "sparsed:select=0.5+no-reuse+sparse-dllm:delay=0+threshold:block_length=16",
        Method.parse(
                "threshold+no-reuse+sparsed+sparse-dllm:delay=0:block_length=16:select=0.5"
                    + ":keep_ratio=0.5")
            .name());
  }
}
