package dev.sparsed.models;

import com.google.common.collect.Comparators;
import dev.sparsed.models.internal.transformer.FeedGroup;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.internal.transformer.Turns;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Joins the forward passes of the generations that run on one model at the same time. It has no
 * thread: a caller whose turn has come waits a moment for generations that will ask soon, takes as
 * many as there is room for, in the order in which they came, and runs the pass for all of them.
 *
 * <p>One pass runs at a time, unless code of users within it takes its time: that may wait for a
 * generation which waits for a pass, so that the next one then begins beside it.
 */
final class PassQueue {

  /** A pass waits for others for this part of what a pass takes at most. */
  private static final int WAIT_SHARE = 2;

  /** A pass of so many tokens waits for nobody: a product of more rows is hardly faster per row. */
  private static final long ENOUGH_TOKENS = 256;

  /** How often those in the queue look whether code of users holds them up, at most and least. */
  private static final Duration LEAST_PATIENCE = Duration.ofMillis(1);

  private static final Duration MOST_PATIENCE = Duration.ofSeconds(1);

  private final Transformer transformer;
  private final SharedPasses settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<PassTicket> waiting = new ArrayDeque<>();

  /** Generations that are expected to ask soon, and how many tokens they are likely to feed. */
  private final Map<GenerationPasses, Long> expected = new HashMap<>();

  /** All passes that run; several only where code of users has held up others for too long. */
  private final Set<SharedPass> running = new HashSet<>();

  /** The first in the queue, while it waits for others. */
  private @Nullable PassTicket gathering;

  /** The pass for whose end those in the queue wait. */
  private @Nullable SharedPass current;

  private final long patienceNanos;
  private long lastPassNanos;

  PassQueue(Transformer transformer, SharedPasses settings) {
    this.transformer = transformer;
    this.settings = settings;
    this.patienceNanos =
        Comparators.max(LEAST_PATIENCE, Comparators.min(MOST_PATIENCE, settings.longestWait()))
            .toNanos();
  }

  /** A generation begins. */
  void enter(GenerationPasses member) {
    lock.lock();
    try {
      expected.put(member, 1L);
    } finally {
      lock.unlock();
    }
  }

  /** A generation has ended. */
  void leave(GenerationPasses member) {
    lock.lock();
    try {
      expected.remove(member);
      wakeGathering();
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
    PassTicket ticket = new PassTicket(member, group, lock.newCondition());
    if (!enqueue(ticket)) {
      transformer.run(List.of(group), Turns.HERE);
      return false;
    }
    try {
      for (Runnable work = next(ticket); work != null; work = next(ticket)) {
        work.run();
      }
    } finally {
      member.restoreInterruption();
    }
    return ticket.isShared();
  }

  /** False for a caller within a pass, such as a listener, which cannot wait for that pass. */
  private boolean enqueue(PassTicket ticket) {
    lock.lock();
    try {
      if (running.stream().anyMatch(SharedPass::holdsThisThread)) {
        return false;
      }
      waiting.addLast(ticket);
      if (ticket.member().nanosSinceLastPass() <= longestWait()) {
        expected.put(ticket.member(), ticket.group().tokens());
      } else {
        expected.remove(ticket.member());
      }
      wakeGathering();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private long longestWait() {
    return Math.min(settings.longestWait().toNanos(), lastPassNanos / WAIT_SHARE);
  }

  /** Waits until there is something to do for a caller; null if there is nothing more. */
  private @Nullable Runnable next(PassTicket ticket) {
    lock.lock();
    try {
      while (!ticket.isDone()) {
        SharedPass handing = handing(ticket);
        if (handing != null) {
          return () -> handing.takeTurns(ticket);
        }
        passByStalled();
        if (isFree() && ticket.equals(waiting.peekFirst())) {
          SharedPass pass = gather(ticket);
          if (pass != null) {
            return () -> lead(pass);
          }
          wakeFirst();
        } else {
          await(ticket, patienceNanos);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** The pass that has handed turns to a caller. */
  private @Nullable SharedPass handing(PassTicket ticket) {
    return ticket.turns().isEmpty()
        ? null
        : running.stream().filter(pass -> pass.has(ticket)).findFirst().orElseThrow();
  }

  private boolean isFree() {
    return current == null && gathering == null;
  }

  /**
   * Lets those in the queue go on where code of users does not come to an end. A layer that only
   * computes does not take as long as a pass.
   */
  private void passByStalled() {
    SharedPass pass = current;
    if (pass != null && pass.isStalled(Math.max(settings.longestWait().toNanos(), lastPassNanos))) {
      current = null;
      wakeFirst();
    }
  }

  /** Has the first in the queue lead the next pass. */
  private void wakeFirst() {
    PassTicket first = waiting.peekFirst();
    if (first != null && isFree()) {
      first.wake();
    }
  }

  /** Has the one that waits for others go on, if it has nobody to wait for. */
  private void wakeGathering() {
    if (gathering != null && !isWorthWaiting()) {
      gathering.wake();
    }
  }

  /** Waits for something to change. An interruption ends a ticket that is in no pass yet. */
  private void await(PassTicket ticket, long nanos) {
    try {
      ticket.await(nanos);
    } catch (InterruptedException e) {
      ticket.member().interrupted();
      if (waiting.remove(ticket)) {
        ticket.group().fail(new InterruptedGenerationException());
        ticket.finish();
        wakeFirst();
      }
    }
  }

  /**
   * Waits a moment for those that are expected, and takes who has come.
   *
   * @return the pass, which the leader is to run; null if the leader itself was interrupted
   *     meanwhile, or something has failed, which ends the leader and whom it had taken
   */
  @SuppressWarnings("IllegalCatch") // Whatever it is, the others must find a leader.
  private @Nullable SharedPass gather(PassTicket leader) {
    List<PassTicket> taken = new ArrayList<>();
    gathering = leader;
    try {
      awaitExpected(leader);
      if (leader.isDone()) {
        return null;
      }
      takeWaiting(taken);
      SharedPass pass = new SharedPass(taken, lock);
      running.add(pass);
      current = pass;
      return pass;
    } catch (Throwable e) {
      if (waiting.remove(leader)) {
        taken.add(leader);
      }
      for (PassTicket ticket : taken) {
        ticket.group().fail(e);
        ticket.finish();
      }
      return null;
    } finally {
      gathering = null;
    }
  }

  private void awaitExpected(PassTicket leader) {
    long end = System.nanoTime() + longestWait();
    for (long left = longestWait();
        left > 0 && !leader.isDone() && isWorthWaiting();
        left = end - System.nanoTime()) {
      await(leader, left);
    }
  }

  /** Takes those who have come, as many as there is room for; the others are not waited for. */
  private void takeWaiting(List<PassTicket> taken) {
    expected.keySet().retainAll(waitingMembers());
    long tokens = 0;
    while (!waiting.isEmpty()
        && (taken.isEmpty() || tokens + waiting.element().group().tokens() <= settings.tokens())) {
      PassTicket next = waiting.element();
      tokens += next.group().tokens();
      taken.add(next);
      waiting.remove();
    }
  }

  /** Whether somebody is expected for whom there is room, and who would make the pass cheaper. */
  private boolean isWorthWaiting() {
    long tokens = waiting.stream().mapToLong(each -> each.group().tokens()).sum();
    if (tokens >= ENOUGH_TOKENS) {
      return false;
    }
    Set<GenerationPasses> here = waitingMembers();
    return expected.entrySet().stream()
        .anyMatch(
            each -> !here.contains(each.getKey()) && tokens + each.getValue() <= settings.tokens());
  }

  private Set<GenerationPasses> waitingMembers() {
    return waiting.stream().map(PassTicket::member).collect(Collectors.toSet());
  }

  private void lead(SharedPass pass) {
    long start = System.nanoTime();
    try {
      pass.run(transformer);
    } finally {
      lock.lock();
      try {
        pass.end();
        running.remove(pass);
        if (pass.equals(current)) {
          lastPassNanos = System.nanoTime() - start;
          current = null;
          wakeFirst();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
