package dev.sparsed.models;

import dev.sparsed.models.internal.transformer.FeedGroup;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.internal.transformer.Turns;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Joins the forward passes of the generations that run on one model at the same time. It has no
 * thread: a caller whose turn has come waits a moment for generations that will ask soon, takes as
 * many as there is room for, in the order in which they came, and runs the pass for all of them.
 * Code of users runs on the thread of the generation that it belongs to, whoever leads.
 */
final class PassQueue {

  /** A pass waits for others for this part of what a pass takes at most. */
  private static final int WAIT_SHARE = 2;

  private final Transformer transformer;
  private final SharedPasses settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<PassTicket> waiting = new ArrayDeque<>();

  /** Open generations, and whether each is expected to ask soon after its last pass. */
  private final Map<GenerationPasses, Boolean> members = new LinkedHashMap<>();

  /** Those of the pass that is run; none while nobody leads. */
  private List<PassTicket> running = List.of();

  /** Whether somebody gathers or runs a pass. */
  private boolean led;

  private long lastPassNanos;

  PassQueue(Transformer transformer, SharedPasses settings) {
    this.transformer = transformer;
    this.settings = settings;
  }

  /** A generation begins. */
  void enter(GenerationPasses member) {
    lock.lock();
    try {
      members.put(member, true);
    } finally {
      lock.unlock();
    }
  }

  /** A generation has ended. */
  void leave(GenerationPasses member) {
    lock.lock();
    try {
      members.remove(member);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs the model for a group, alone or with others; the group has failed or is complete
   * afterwards.
   *
   * @param member whose group it is, on its thread
   * @param group the group
   * @return whether other generations took part
   */
  boolean run(GenerationPasses member, FeedGroup group) {
    PassTicket ticket = new PassTicket(member, group);
    if (!enqueue(ticket)) {
      transformer.run(List.of(group), Turns.HERE);
      return false;
    }
    try {
      for (Work work = next(ticket); work != Work.NONE; work = next(ticket)) {
        if (work == Work.TURNS) {
          takeTurns(ticket);
        } else {
          lead();
        }
      }
    } finally {
      member.restoreInterruption();
    }
    return ticket.isShared();
  }

  /** What a waiting caller is to do. */
  private enum Work {
    NONE,
    TURNS,
    LEAD
  }

  /** False for a caller within a pass, such as a listener, which cannot wait for that pass. */
  private boolean enqueue(PassTicket ticket) {
    lock.lock();
    try {
      if (running.stream().anyMatch(each -> !each.isDone() && each.member().isOfThisThread())) {
        return false;
      }
      waiting.addLast(ticket);
      GenerationPasses member = ticket.member();
      members.put(member, member.nanosSinceLastPass() <= longestWait());
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private long longestWait() {
    return Math.min(settings.longestWait().toNanos(), lastPassNanos / WAIT_SHARE);
  }

  /** Waits until there is something to do. */
  private Work next(PassTicket ticket) {
    lock.lock();
    try {
      while (!ticket.isDone()) {
        if (!ticket.turns().isEmpty()) {
          return Work.TURNS;
        }
        if (!led && ticket.equals(waiting.peekFirst())) {
          led = true;
          if (gather(ticket)) {
            return Work.LEAD;
          }
          led = false;
          changed.signalAll();
        } else {
          await(ticket, Long.MAX_VALUE);
        }
      }
      return Work.NONE;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for something to change. An interruption ends a ticket that is in no pass yet. */
  @SuppressWarnings("WaitNotInLoop") // Those who call it loop.
  private void await(PassTicket ticket, long nanos) {
    try {
      changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      ticket.member().interrupted();
      if (waiting.remove(ticket)) {
        ticket.group().fail(new InterruptedGenerationException());
        ticket.finish();
        changed.signalAll();
      }
    }
  }

  /**
   * Waits a moment for those that are expected, and takes who has come.
   *
   * @return false if the leader itself was interrupted meanwhile, or something has failed, which
   *     ends the leader and whom it had taken
   */
  @SuppressWarnings("IllegalCatch") // Whatever it is, the others must find a leader.
  private boolean gather(PassTicket leader) {
    List<PassTicket> taken = new ArrayList<>();
    try {
      return gather(leader, taken);
    } catch (Throwable e) {
      if (waiting.remove(leader)) {
        taken.add(leader);
      }
      for (PassTicket ticket : taken) {
        ticket.group().fail(e);
        ticket.finish();
      }
      running = List.of();
      return false;
    }
  }

  private boolean gather(PassTicket leader, List<PassTicket> taken) {
    long end = System.nanoTime() + longestWait();
    for (long left = longestWait();
        left > 0 && !leader.isDone() && isSomebodyExpected() && hasRoom();
        left = end - System.nanoTime()) {
      await(leader, left);
    }
    if (leader.isDone()) {
      return false;
    }
    Set<GenerationPasses> absent = new HashSet<>(members.keySet());
    waiting.forEach(each -> absent.remove(each.member()));
    absent.forEach(member -> members.put(member, false));
    long tokens = 0;
    while (!waiting.isEmpty()
        && (taken.isEmpty() || tokens + waiting.element().group().tokens() <= settings.tokens())) {
      PassTicket next = waiting.element();
      tokens += next.group().tokens();
      taken.add(next);
      waiting.remove();
    }
    if (taken.size() > 1) {
      taken.forEach(PassTicket::share);
    }
    running = taken;
    return true;
  }

  private boolean isSomebodyExpected() {
    Set<GenerationPasses> here = new HashSet<>();
    waiting.forEach(each -> here.add(each.member()));
    return members.entrySet().stream()
        .anyMatch(member -> member.getValue() && !here.contains(member.getKey()));
  }

  private boolean hasRoom() {
    return waiting.stream().mapToLong(each -> each.group().tokens()).sum() < settings.tokens();
  }

  /** Runs the pass of those that were gathered. */
  @SuppressWarnings("IllegalCatch") // Whatever it is, those who wait must hear of it.
  private void lead() {
    List<PassTicket> taken = running;
    long start = System.nanoTime();
    try {
      transformer.run(taken.stream().map(PassTicket::group).toList(), new HandedTurns(taken));
    } catch (Throwable e) {
      for (PassTicket ticket : taken) {
        ticket.group().fail(taken.size() == 1 ? e : ofAll(taken, e));
      }
    } finally {
      lock.lock();
      try {
        lastPassNanos = System.nanoTime() - start;
        taken.forEach(this::finish);
        running = List.of();
        led = false;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Each generation gets an exception of its own, for its own stack and what it adds to it. */
  private static IllegalStateException ofAll(List<PassTicket> taken, Throwable cause) {
    return new IllegalStateException(
        String.format(
            Locale.ROOT,
            "a forward pass that %d generations shared, of %d tokens, failed: lower"
                + " SharedPasses.tokens, or use SharedPasses.BatchMode.SEPARATE",
            taken.size(),
            taken.stream().mapToLong(each -> each.group().tokens()).sum()),
        cause);
  }

  private void finish(PassTicket ticket) {
    if (!ticket.isDone()) {
      ticket.member().passEnded();
      ticket.finish();
    }
  }

  private void takeTurns(PassTicket ticket) {
    try {
      ticket.turns().forEach(Turns.Turn::attend);
    } finally {
      lock.lock();
      try {
        ticket.turns(List.of());
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Attention of the leader's pass: on the leader's thread, but for what calls users. */
  private final class HandedTurns implements Turns {

    private final Map<FeedGroup, PassTicket> others = new LinkedHashMap<>();

    HandedTurns(List<PassTicket> taken) {
      for (PassTicket ticket : taken) {
        if (!ticket.member().isOfThisThread()) {
          others.put(ticket.group(), ticket);
        }
      }
    }

    @Override
    public void take(List<Turn> turns) {
      Map<PassTicket, List<Turn>> handed = handed(turns);
      try {
        hand(handed);
        for (Turn turn : turns) {
          PassTicket ticket = others.get(turn.group());
          if (ticket == null || !handed.containsKey(ticket)) {
            turn.attend();
          }
        }
      } finally {
        // Whatever happened here: what others still read must not be released under them.
        awaitTaken(handed);
      }
    }

    private void awaitTaken(Map<PassTicket, List<Turn>> handed) {
      lock.lock();
      try {
        while (handed.keySet().stream().anyMatch(ticket -> !ticket.turns().isEmpty())) {
          changed.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
    }

    private void hand(Map<PassTicket, List<Turn>> handed) {
      if (!handed.isEmpty()) {
        lock.lock();
        try {
          handed.forEach(PassTicket::turns);
        } finally {
          changed.signalAll();
          lock.unlock();
        }
      }
    }

    /** All turns of a group one of whose turns calls users. */
    private Map<PassTicket, List<Turn>> handed(List<Turn> turns) {
      Map<PassTicket, List<Turn>> handed = new LinkedHashMap<>();
      for (Turn turn : turns) {
        PassTicket ticket = others.get(turn.group());
        if (ticket != null && turn.callsUsers()) {
          handed.put(ticket, new ArrayList<>());
        }
      }
      for (Turn turn : turns) {
        List<Turn> ofGroup = handed.get(others.get(turn.group()));
        if (ofGroup != null) {
          ofGroup.add(turn);
        }
      }
      return handed;
    }

    /** Its caller need not wait for the pass to end. */
    @Override
    public void left(FeedGroup group) {
      PassTicket ticket = others.get(group);
      if (ticket != null) {
        lock.lock();
        try {
          finish(ticket);
          changed.signalAll();
        } finally {
          lock.unlock();
        }
      }
    }
  }
}
