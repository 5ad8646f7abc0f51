package org.example.extensions;

import dev.sparsed.models.method.MethodPlugin;
import dev.sparsed.models.method.MethodPlugin;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The methods by name, for {@code --plugins}. */
public final class NamedMethods {

  private NamedMethods() {}

  /** Makes the part of a method. */
  private interface Maker {
    MethodPlugin.MethodParts parts(Map<String, String> settings);
  }

  /** A name, what it means, and settings with their defaults. */
  private abstract static class Named implements MethodPlugin {

    private final String name;
    private final String description;
    private final Map<String, String> defaults = new LinkedHashMap<>();
    private final Maker maker;

    /** Settings and their defaults in turn. */
    Named(String name, String description, Maker maker, String... settings) {
      this.name = name;
      this.description = description;
      this.maker = maker;
      for (int i = 0; i < settings.length; i += 2) {
        defaults.put(settings[i], settings[i + 1]);
      }
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String description() {
      return description;
    }

    @Override
    public Map<String, String> defaults() {
      return defaults;
    }

    @Override
    public MethodPlugin.MethodParts parts(Map<String, String> settings) {
      try {
        return maker.parts(settings);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("its settings are numbers: " + e.getMessage(), e);
      }
    }
  }

  private static double share(Map<String, String> settings, String name) {
    double value = Double.parseDouble(settings.get(name));
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " must be 0 to 1 but is " + value);
    }
    return value;
  }

  private static int count(Map<String, String> settings, String name) {
    int value = Integer.parseInt(settings.get(name));
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1 but is " + value);
    }
    return value;
  }

  /** PulseCol-like attention. */
  public static final class PulseCol extends Named {
    public PulseCol() {
      super(
          "pulsecol-like",
          "key columns, chosen anew at early steps, sparse from the first",
          s -> MethodPlugin.MethodParts.of(PulseColLike.policy(share(s, "select"), count(s, "refreshes"))),
          "select",
          "0.3",
          "refreshes",
          "8");
    }
  }

  /** MAGE-like cache. */
  public static final class Mage extends Named {
    public Mage() {
      super(
          "mage-like",
          "a block's first step chooses the cached keys that serve it",
          s -> MethodPlugin.MethodParts.of(new MageLike(share(s, "mass"))),
          "mass",
          "0.9");
    }
  }

  /** Elastic-Cache-like cache. */
  public static final class Elastic extends Named {
    public Elastic() {
      super(
          "elastic-cache-like",
          "drift of attention decides when to refresh and from which layer on",
          s ->
              MethodPlugin.MethodParts.of(
                  new ElasticCacheLike(
                      Double.parseDouble(s.get("similarity")),
                      Double.parseDouble(s.get("settled")),
                      count(s, "window"),
                      new AtomicInteger())),
          "similarity",
          "0.9",
          "settled",
          "1.1",
          "window",
          "16");
    }
  }

  /** Streaming-dLLM-like cache. */
  public static final class Streaming extends Named {
    public Streaming() {
      super(
          "streaming-like",
          "of what is behind the block a window and the last position are fed",
          s -> MethodPlugin.MethodParts.of(new StreamingLike(count(s, "window"))),
          "window",
          "16");
    }
  }

  /** dKV-Cache-like cache. */
  public static final class Dkv extends Named {
    public Dkv() {
      super(
          "dkv-cache-like",
          "what is masked and what was just decided is fed",
          s -> MethodPlugin.MethodParts.of(new DkvCacheLike(count(s, "refresh_every"))),
          "refresh_every",
          "8");
    }
  }

  /** KLASS-like decoding. */
  public static final class Klass extends Named {
    public Klass() {
      super(
          "klass-like",
          "sure candidates whose prediction is stable are committed",
          s ->
              MethodPlugin.MethodParts.of(
                  new KlassLike(
                      share(s, "confidence"),
                      Double.parseDouble(s.get("divergence")),
                      count(s, "passes"),
                      count(s, "block_length"))),
          "confidence",
          "0.9",
          "divergence",
          "0.01",
          "passes",
          "2",
          "block_length",
          "32");
    }
  }

  /** Entropy-bounded decoding. */
  public static final class EntropyBounded extends Named {
    public EntropyBounded() {
      super(
          "entropy-bounded-like",
          "as many positions as the bound on their entropies allows",
          s ->
              MethodPlugin.MethodParts.of(
                  new EntropyBoundedLike(
                      Double.parseDouble(s.get("bound")), count(s, "block_length"))),
          "bound",
          "0.1",
          "block_length",
          "32");
    }
  }

  /** WINO-like decoding. */
  public static final class Wino extends Named {
    public Wino() {
      super(
          "wino-like",
          "commits wide, takes back what is believed less",
          s ->
              MethodPlugin.MethodParts.of(
                  new WinoLike(share(s, "wide"), share(s, "narrow"), count(s, "block_length"))),
          "wide",
          "0.6",
          "narrow",
          "0.9",
          "block_length",
          "32");
    }
  }
}
