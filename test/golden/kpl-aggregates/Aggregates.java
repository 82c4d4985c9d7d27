import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.kpl.Messages.AggregatedRecord;
import software.amazon.kinesis.retrieval.kpl.Messages.Record;
import software.amazon.kinesis.retrieval.kpl.Messages.Tag;

/** Prints aggregated records, and what KCL makes of each of them; see README.md. */
public class Aggregates {
    static final BigInteger MAX = BigInteger.TWO.pow(128).subtract(BigInteger.ONE);
    static final BigInteger HALF = BigInteger.TWO.pow(127);
    static final List<String> out = new ArrayList<>();

    /** Indexes as a producer sets them; −1 = no explicit hash key. */
    static Record record(int key, int hashKey, byte[] data) {
        Record.Builder record = Record.newBuilder().setPartitionKeyIndex(key).setData(ByteString.copyFrom(data));
        if (hashKey >= 0) record.setExplicitHashKeyIndex(hashKey);
        return record.build();
    }

    static AggregatedRecord.Builder aggregate(List<String> keys, List<String> hashKeys, Record... records) {
        return AggregatedRecord.newBuilder()
                .addAllPartitionKeyTable(keys)
                .addAllExplicitHashKeyTable(hashKeys)
                .addAllRecords(Arrays.asList(records));
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] framed(byte[] protobuf) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[] {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2});
        bytes.write(protobuf);
        bytes.write(MessageDigest.getInstance("MD5").digest(protobuf));
        return bytes.toByteArray();
    }

    static void add(String name, AggregatedRecord.Builder aggregate) throws Exception {
        add(name, framed(aggregate.build().toByteArray()), BigInteger.ZERO, MAX);
    }

    static void add(String name, byte[] data, BigInteger start, BigInteger end) {
        KinesisClientRecord record = KinesisClientRecord.builder()
                .sequenceNumber("49590338271490256608559692538361571095921575989136588898")
                .partitionKey("outer")
                .data(ByteBuffer.wrap(data))
                .build();
        List<KinesisClientRecord> read = new AggregatorUtil().deaggregate(List.of(record), start, end);
        String records = read.stream().map(Aggregates::json).collect(Collectors.joining(",\n      "));
        out.add("  {\n    \"name\": " + quoted(name)
                + ",\n    \"startingHashKey\": " + quoted(start.toString())
                + ",\n    \"endingHashKey\": " + quoted(end.toString())
                + ",\n    \"data\": " + quoted(base64(data))
                + ",\n    \"kcl\": [" + (records.isEmpty() ? "" : "\n      " + records + "\n    ") + "]\n  }");
    }

    static String json(KinesisClientRecord record) {
        ByteBuffer data = record.data().duplicate();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return "{ \"partitionKey\": " + quoted(record.partitionKey())
                + ", \"explicitHashKey\": " + quoted(record.explicitHashKey())
                + ", \"subSequenceNumber\": " + record.subSequenceNumber()
                + ", \"aggregated\": " + record.aggregated()
                + ", \"data\": " + quoted(base64(bytes)) + " }";
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static String quoted(String text) {
        if (text == null) return "null";
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    public static void main(String[] args) throws Exception {
        List<String> none = List.of();
        byte[] a = text("A"), b = text("B"), c = text("C");

        add("one key, as a lane is packed", aggregate(List.of("7.k"), none,
                record(0, -1, a), record(0, -1, b), record(0, -1, c)));
        add("several keys", aggregate(List.of("x", "y", "z"), none,
                record(2, -1, a), record(0, -1, b), record(1, -1, c), record(2, -1, b)));
        add("keys that look like numbers", aggregate(List.of("132", "42", "7"), none,
                record(0, -1, a), record(1, -1, b), record(2, -1, c)));
        add("explicit hash keys, zero and the greatest", aggregate(
                List.of("k1", "k2", "k3"), List.of(MAX.toString(), "0", HALF.toString()),
                record(0, 0, a), record(1, 1, b), record(2, 2, c)));
        add("explicit hash keys for some only", aggregate(
                List.of("k1", "k2"), List.of("5", "0"),
                record(0, -1, a), record(1, 1, b), record(0, 0, c), record(1, -1, a)));
        add("a key table with a key twice and one that nobody uses", aggregate(
                List.of("same", "unused", "same"), none, record(0, -1, a), record(2, -1, b)));
        add("empty data", aggregate(List.of("k"), none,
                record(0, -1, new byte[0]), record(0, -1, a), record(0, -1, new byte[0])));
        add("keys beyond ASCII", aggregate(List.of("Zürich", "東京", "🚕", "e\u0301"), none,
                record(0, -1, a), record(1, -1, b), record(2, -1, c), record(3, -1, a)));
        add("no user records at all", aggregate(List.of("k"), none));

        AggregatedRecord.Builder large = AggregatedRecord.newBuilder();
        for (int i = 0; i < 300; i++) {
            large.addPartitionKeyTable("zone-" + i);
            large.addExplicitHashKeyTable(MAX.divide(BigInteger.valueOf(300)).multiply(BigInteger.valueOf(i)).toString());
        }
        for (int i = 0; i < 300; i++) {
            large.addRecords(record(299 - i, i % 3 == 0 ? i : -1, text("trip " + i)));
        }
        add("indexes of two bytes", large);

        byte[] noise = new byte[16_384];
        new Random(7).nextBytes(noise);
        add("data whose length takes one, two and three bytes", aggregate(List.of("k"), none,
                record(0, -1, Arrays.copyOf(noise, 127)), record(0, -1, Arrays.copyOf(noise, 128)),
                record(0, -1, noise)));

        Tag tag = Tag.newBuilder().setKey("source").setValue("meter").build();
        Tag bare = Tag.newBuilder().setKey("bare").build();
        add("tags", aggregate(List.of("k"), List.of("9"),
                record(0, -1, a).toBuilder().addTags(tag).addTags(bare).build(),
                record(0, 0, b).toBuilder().addTags(bare).build()));

        UnknownFieldSet unknown = UnknownFieldSet.newBuilder()
                .addField(5, UnknownFieldSet.Field.newBuilder().addVarint(-1L).addVarint(300).build())
                .addField(6, UnknownFieldSet.Field.newBuilder().addFixed32(7).build())
                .addField(7, UnknownFieldSet.Field.newBuilder().addFixed64(8).build())
                .addField(2_000, UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFromUtf8("later")).build())
                .addField(9, UnknownFieldSet.Field.newBuilder().addGroup(
                        UnknownFieldSet.newBuilder()
                                .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                                .addField(3, UnknownFieldSet.Field.newBuilder().addGroup(
                                        UnknownFieldSet.getDefaultInstance()).build())
                                .build()).build())
                .build();
        add("fields that nobody knows yet", aggregate(List.of("k", "l"), none,
                record(1, -1, a).toBuilder().setUnknownFields(unknown).build(),
                record(0, -1, b)).setUnknownFields(unknown));

        byte[] recordsFirst = aggregate(none, none, record(1, 0, a), record(0, -1, b)).build().toByteArray();
        byte[] tables = aggregate(List.of("x", "y"), List.of("3")).build().toByteArray();
        ByteArrayOutputStream swapped = new ByteArrayOutputStream();
        swapped.write(recordsFirst);
        swapped.write(tables);
        add("records before the tables they point into", framed(swapped.toByteArray()), BigInteger.ZERO, MAX);

        byte[] good = framed(aggregate(List.of("x", "y"), none, record(0, -1, a), record(1, -1, b))
                .build().toByteArray());
        byte[] damaged = good.clone();
        damaged[good.length - 1] ^= 1;
        add("a checksum that is wrong", damaged, BigInteger.ZERO, MAX);
        byte[] flipped = good.clone();
        flipped[8] ^= 0x20;
        add("a key that was damaged", flipped, BigInteger.ZERO, MAX);
        add("cut short", Arrays.copyOf(good, good.length - 3), BigInteger.ZERO, MAX);
        add("cut to the magic bytes", Arrays.copyOf(good, 4), BigInteger.ZERO, MAX);
        add("cut to two bytes", Arrays.copyOf(good, 2), BigInteger.ZERO, MAX);
        add("no bytes", new byte[0], BigInteger.ZERO, MAX);
        add("the magic bytes and a checksum of nothing", framed(new byte[0]), BigInteger.ZERO, MAX);
        ByteArrayOutputStream merely = new ByteArrayOutputStream();
        merely.write(Arrays.copyOf(good, 4));
        merely.write(text(" is how this plain text happens to begin, and nothing more"));
        add("a payload that merely begins like one", merely.toByteArray(), BigInteger.ZERO, MAX);
        add("plain text", text("{\"v\":1}"), BigInteger.ZERO, MAX);
        add("a right checksum of what is no protobuf", framed(text("no protobuf at all")), BigInteger.ZERO, MAX);
        add("a record without its required key index", framed(AggregatedRecord.newBuilder()
                .addPartitionKeyTable("k")
                .addRecords(Record.newBuilder().setData(ByteString.copyFrom(a)).buildPartial())
                .buildPartial().toByteArray()), BigInteger.ZERO, MAX);
        add("a record without its required data", framed(AggregatedRecord.newBuilder()
                .addPartitionKeyTable("k")
                .addRecords(Record.newBuilder().setPartitionKeyIndex(0).buildPartial())
                .buildPartial().toByteArray()), BigInteger.ZERO, MAX);

        // MD5("x") and MD5("z") lie in the upper half of the hash space, MD5("y") in the lower one.
        byte[] across = framed(aggregate(List.of("x", "y", "z"), none,
                record(0, -1, a), record(1, -1, b), record(2, -1, c)).build().toByteArray());
        BigInteger below = HALF.subtract(BigInteger.ONE);
        add("keys across two shards, read in the lower one", across, BigInteger.ZERO, below);
        add("keys across two shards, read in the upper one", across, HALF, MAX);
        byte[] one = framed(aggregate(List.of("x"), none, record(0, -1, a), record(0, -1, b))
                .build().toByteArray());
        add("one key, read in its shard", one, HALF, MAX);
        add("one key, read in the other shard", one, BigInteger.ZERO, below);
        byte[] explicit = framed(aggregate(List.of("x"), List.of("0", below.toString()),
                record(0, 0, a), record(0, 1, b)).build().toByteArray());
        add("explicit hash keys against the key's own hash", explicit, BigInteger.ZERO, below);
        add("the last hash key of a shard is in it, the next is not", explicit,
                BigInteger.ZERO, below.subtract(BigInteger.ONE));
        byte[] unused = framed(aggregate(List.of("x", "y"), List.of("0"), record(0, -1, a))
                .build().toByteArray());
        add("keys that nobody uses do not matter", unused, HALF, MAX);

        System.out.println("[\n" + String.join(",\n", out) + "\n]");
    }
}
