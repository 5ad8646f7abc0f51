package dev.sparsed.models;

import dev.sparsed.models.internal.transformer.FeedGroup;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.internal.transformer.Turns;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A forward pass that one of its generations' threads, the leader, runs for all of them. Attention
 * runs on the leader's thread, but for what calls users, which runs on the thread of the generation
 * that it belongs to. Its state and that of its tickets is guarded by the lock of its {@link
 * PassQueue}.
 */
final class SharedPass implements Turns {

  private final ReentrantLock lock;
  private final Condition turnsTaken;
  private final List<PassTicket> tickets;

  /** Those of other threads than the leader's. */
  private final Map<FeedGroup, PassTicket> others = new LinkedHashMap<>();

  private boolean inUsersCode;
  private long inUsersCodeSince;

  /**
   * Prepares a pass.
   *
   * @param tickets who takes part, at least one
   * @param lock the queue's
   */
  SharedPass(List<PassTicket> tickets, ReentrantLock lock) {
    this.lock = lock;
    this.turnsTaken = lock.newCondition();
    this.tickets = List.copyOf(tickets);
    if (tickets.size() > 1) {
      tickets.forEach(PassTicket::share);
    }
  }

  /** Runs it on the calling thread, the leader's; every group has failed or is complete then. */
  @SuppressWarnings("IllegalCatch") // Whatever it is, those who wait must hear of it.
  void run(Transformer transformer) {
    for (PassTicket ticket : tickets) {
      if (!ticket.member().isOfThisThread()) {
        others.put(ticket.group(), ticket);
      }
    }
    try {
      transformer.run(tickets.stream().map(PassTicket::group).toList(), this);
    } catch (Throwable e) {
      for (PassTicket ticket : tickets) {
        ticket.group().fail(tickets.size() == 1 ? e : ofAll(e));
      }
    }
  }

  /** Each generation gets an exception of its own, for its own stack and what it adds to it. */
  private IllegalStateException ofAll(Throwable cause) {
    return new IllegalStateException(
        String.format(
            Locale.ROOT,
            "a forward pass that %d generations shared, of %d tokens, failed: lower"
                + " SharedPasses.tokens, or use SharedPasses.BatchMode.SEPARATE",
            tickets.size(),
            tickets.stream().mapToLong(each -> each.group().tokens()).sum()),
        cause);
  }

  /** Lets all go on that it has not let go before. */
  void end() {
    tickets.forEach(PassTicket::finish);
  }

  boolean has(PassTicket ticket) {
    return tickets.contains(ticket);
  }

  /** Whether the calling thread is within the pass: it leads it, or takes a turn. */
  boolean holdsThisThread() {
    return tickets.stream().anyMatch(each -> !each.isDone() && each.member().isOfThisThread());
  }

  /** Whether code of users has been running in a layer for longer than that. */
  boolean isStalled(long nanos) {
    return inUsersCode && System.nanoTime() - inUsersCodeSince > nanos;
  }

  /** Attends, on the thread of a generation that was handed turns. */
  void takeTurns(PassTicket ticket) {
    try {
      ticket.turns().forEach(Turn::attend);
    } finally {
      lock.lock();
      try {
        ticket.turnsTaken();
        turnsTaken.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void take(List<Turn> turns) {
    Map<PassTicket, List<Turn>> handed = handed(turns);
    try {
      begin(handed, turns.stream().anyMatch(Turn::callsUsers));
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

  private void begin(Map<PassTicket, List<Turn>> handed, boolean callsUsers) {
    lock.lock();
    try {
      inUsersCode = callsUsers;
      inUsersCodeSince = System.nanoTime();
      handed.forEach(PassTicket::hand);
    } finally {
      lock.unlock();
    }
  }

  private void awaitTaken(Map<PassTicket, List<Turn>> handed) {
    lock.lock();
    try {
      while (handed.keySet().stream().anyMatch(ticket -> !ticket.turns().isEmpty())) {
        turnsTaken.awaitUninterruptibly();
      }
      inUsersCode = false;
    } finally {
      lock.unlock();
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
        ticket.finish();
      } finally {
        lock.unlock();
      }
    }
  }
}
