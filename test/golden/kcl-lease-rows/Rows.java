import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.kinesis.common.HashKeyRangeForLease;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseSerializer;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/** Prints lease rows as KCL itself makes them; see README.md. */
public class Rows {
    static final String SHARD = "shardId-000000000003";
    static final String SEQUENCE = "49590338271490256608559692538361571095921575989136588898";
    static final String LATER = "49590338271490256608559692540925702759324208523137515618";
    static final DynamoDBLeaseSerializer serializer = new DynamoDBLeaseSerializer();
    static final List<String> out = new ArrayList<>();

    static Lease lease(ExtendedSequenceNumber checkpoint) {
        Lease lease = new Lease();
        lease.leaseKey(SHARD);
        lease.leaseCounter(0L);
        lease.ownerSwitchesSinceCheckpoint(0L);
        lease.checkpoint(checkpoint);
        lease.hashKeyRange(HashKeyRangeForLease.deserialize("0", "170141183460469231731687303715884105727"));
        return lease;
    }

    static void print(String what, Map<String, AttributeValue> row) {
        String attributes = new TreeMap<>(row).entrySet().stream()
                .map(e -> "      \"" + e.getKey() + "\": " + json(e.getValue()))
                .collect(Collectors.joining(",\n"));
        out.add("  {\n    \"what\": \"" + what + "\",\n    \"row\": {\n" + attributes + "\n    }\n  }");
    }

    static String json(AttributeValue value) {
        if (value.s() != null) return "{ \"S\": \"" + value.s() + "\" }";
        if (value.n() != null) return "{ \"N\": \"" + value.n() + "\" }";
        if (value.b() != null)
            return "{ \"B\": \"" + Base64.getEncoder().encodeToString(value.b().asByteArray()) + "\" }";
        if (value.hasSs())
            return value.ss().stream().sorted().map(s -> "\"" + s + "\"")
                    .collect(Collectors.joining(", ", "{ \"SS\": [", "] }"));
        throw new IllegalStateException(value.toString());
    }

    /** Rows as UpdateItem leaves them: the row, and on top what a checkpoint writes. */
    static Map<String, AttributeValue> updated(Lease lease) {
        Map<String, AttributeValue> row = new TreeMap<>(serializer.toDynamoRecord(lease));
        serializer.getDynamoUpdateLeaseUpdate(lease).forEach((name, update) -> {
            if (update.value() == null) row.remove(name);
            else row.put(name, update.value());
        });
        return row;
    }

    public static void main(String[] arguments) {
        print("a fresh lease", serializer.toDynamoRecord(lease(ExtendedSequenceNumber.LATEST)));

        Lease owned = lease(ExtendedSequenceNumber.TRIM_HORIZON);
        owned.leaseOwner("worker-1");
        owned.leaseCounter(41L);
        owned.ownerSwitchesSinceCheckpoint(1L);
        owned.throughputKBps(12.5);
        print("an owned lease, stolen once since its checkpoint", serializer.toDynamoRecord(owned));

        Lease prepared = lease(new ExtendedSequenceNumber(SEQUENCE, 17L));
        prepared.leaseOwner("worker-2");
        prepared.leaseCounter(1234567L);
        prepared.pendingCheckpoint(new ExtendedSequenceNumber(LATER, 3L));
        prepared.pendingCheckpointState(new byte[] {1, 2, (byte) 255});
        prepared.checkpointOwner("worker-1");
        print("a lease with a checkpoint inside an aggregate, a pending one and a hand-over", updated(prepared));
        print("the same as PutItem creates it", serializer.toDynamoRecord(prepared));

        Lease finished = lease(ExtendedSequenceNumber.SHARD_END);
        finished.leaseOwner("worker-1");
        finished.leaseCounter(77L);
        finished.childShardIds(Set.of("shardId-000000000008", "shardId-000000000009"));
        print("a finished lease with its children", serializer.toDynamoRecord(finished));

        Lease merged = lease(ExtendedSequenceNumber.TRIM_HORIZON);
        merged.parentShardIds(Set.of("shardId-000000000001", "shardId-000000000002"));
        print("the lease of a merged shard, with two parents", serializer.toDynamoRecord(merged));

        System.out.println("[\n" + String.join(",\n", out) + "\n]");
    }
}
