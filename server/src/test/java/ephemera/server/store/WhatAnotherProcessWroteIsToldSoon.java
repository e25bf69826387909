package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Bus;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.Position;
import ephemera.core.vault.Grid;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that writes nothing itself tells its streams to look into the log when the journal has grown. */
@Timeout(180)
class WhatAnotherProcessWroteIsToldSoon {

    private final OwnDatabase own = new OwnDatabase();
    private final Node silent = new Node(own);
    private final Node other = new Node(own);
    private final BlockingQueue<Position> missed = new LinkedBlockingQueue<>();

    private final class Streams implements Bus {

        @Override
        public void publish(List<Entry> entries) {
            throw new AssertionError("this server writes nothing");
        }

        @Override
        public void missed(Position through) {
            missed.add(through);
        }

        @Override
        public void missed(Collection<PersonId> people, Position through) {
            throw new AssertionError("this server writes nothing");
        }
    }

    @BeforeEach
    void begin() {
        silent.start(new Streams());
        other.start();
    }

    @AfterEach
    void end() {
        silent.close();
        other.close();
        own.close();
    }

    private void assertTold(Position head) throws InterruptedException {
        Position told = Position.START;
        while (told.value() < head.value()) {
            told = missed.poll(60, TimeUnit.SECONDS);
            assertThat(told).as("told of " + head).isNotNull();
        }
        assertThat(told).isEqualTo(head);
    }

    @Test
    void whetherAServerOrACommand() throws InterruptedException {
        PersonId alice = other.person();
        PersonId bob = other.person();
        other.direct(alice, bob);
        assertTold(other.log.head());
        Message message = other.journal.send(Node.toPerson(alice, bob, "")).message();
        assertTold(message.position());
        new Erasure(other.database, new Json(), new Epochs(other.database, Grid.DEFAULT), other.outbox).erase(alice);
        assertThat(other.log.head()).isGreaterThan(message.position());
        assertTold(other.log.head());
        assertThat(missed).as("and nothing is told twice").isEmpty();
    }
}
