import AWSClient
import AWSTestSupport
import ConnectorDisk
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

/// The parts that need no server.
struct BlockTests {
  private static let unit = Int64(EBS.blockBytes)

  @Test func aCheckpointComesBackAsItWas() throws {
    let source = DiskSource(kind: "nbd", location: "", format: "raw", sizeBytes: 64 << 20, generation: "a b c")
    var checkpoint = BlockCheckpoint(
      snapshot: "snap-1", generation: "a b c", through: 4 << 20, counts: .init(read: 4, data: 3, blocks: 2),
      digest: ContentDigest().state)
    checkpoint.acknowledged = [8, 9, 15, 40]
    let request = DiskReceive(
      op: TestHost.op, job: JobID("j"), plan: .init(id: "", digest: "", state: .null), index: 0, target: .null,
      source: source, checkpoint: checkpoint.token)
    #expect(try BlockCheckpoint.read(request) == checkpoint)
    var other = request
    other.source.generation = "x"
    #expect(throws: ConnectorError.self) { try BlockCheckpoint.read(other) }
    for token in ["", "blocks1", "blocks1 snap-1 -5 1 1 1 0: - a b c", "blocks1 snap-1 7 1 1 1 0: - a b c"] {
      var broken = request
      broken.checkpoint = token
      #expect(throws: ConnectorError.self, "\(token)") { try BlockCheckpoint.read(broken) }
    }
  }

  @Test func aTokenKeepsToItsLimitWhateverIsUnderway() {
    var checkpoint = BlockCheckpoint(
      snapshot: "snap-1", generation: "g", through: 0, counts: .init(), digest: ContentDigest().state)
    checkpoint.acknowledged = Set((0..<300_000).map { $0 * 3 })
    #expect(checkpoint.token.utf8.count < 60 << 10)
  }

  @Test func acheckpointWaitsForWhatIsUnderwayBeforeIt() {
    let size = 4 * ContentDigest.blockBytes
    let digester = ContentDigester(sizeBytes: Int64(size))
    let start = BlockCheckpoint(
      snapshot: "s", generation: "g", through: 0, counts: .init(), digest: ContentDigest().state)
    let tally = BlockTally(sizeBytes: Int64(size), from: start, digester: digester)
    tally.note(0, .sent(isThere: false))
    tally.note(1, .zeros)
    #expect(tally.checkpoint(now: true) == nil)
    tally.acknowledged(0)
    // The digest has not come anywhere yet.
    #expect(tally.checkpoint(now: true) == nil)
    #expect(tally.total() == .init(read: 2 * Self.unit, data: Self.unit, blocks: 1))
  }

  @Test func theLimitFollowsRefusals() async throws {
    let limit = AdaptiveLimit()
    #expect(limit.limit == 32)
    var now = ContinuousClock.now
    try await limit.acquire()
    limit.release(.refused, now: now)
    #expect(limit.limit == 16)
    // A burst of refusals is one.
    try await limit.acquire()
    limit.release(.refused, now: now)
    #expect(limit.limit == 16)
    for _ in 0..<10 {
      now += .seconds(1)
      try await limit.acquire()
      limit.release(.refused, now: now)
    }
    #expect(limit.limit == 1)
    for _ in 0..<5000 {
      try await limit.acquire()
      limit.release(.success)
    }
    #expect(limit.limit == 64)
    limit.close()
    await #expect(throws: CancellationError.self) { try await limit.acquire() }
  }

  @Test func aMapKeepsDigestsAndSkipsHoles() async throws {
    let scratch = try Scratch()
    let map = try #require(BlockMap(scratch.file("a.map"), creating: true))
    let parent = try #require(BlockMap(scratch.file("b.map"), creating: true))
    let digest = { (byte: UInt8) in [UInt8](repeating: byte, count: 32) }
    // The last block of 64 TiB.
    let far: Int64 = (64 << 40) / Self.unit - 1
    try map.set(digest(1), at: 0)
    try map.set(digest(2), at: far)
    try parent.set(digest(1), at: 0)
    try parent.set(digest(3), at: 70_000)
    var seen: [Int64] = []
    try await BlockMap.forEach(map, parent) { index, _, _ in seen.append(index) }
    #expect(seen == [0, 70_000, far])
    #expect(try map[far] == digest(2) && map[5] == BlockMap.zero)
    // Changed are the block that was there and is not, and the new one.
    let raw = Data(BlockUpload.zeroDigest + digest(2))
    let linear = try await BlockUpload.linear(map, parent: parent, count: 2)
    #expect(linear == Data(SHA256.hash(raw)).base64EncodedString())
    #expect(try await BlockUpload.linear(map, parent: parent, count: 3) == nil)
    var status = stat()
    #expect(stat(scratch.file("a.map"), &status) == 0)
    #expect(status.st_blocks * 512 < 1 << 20)
  }

  @Test func aReceiptFitsIntoATag() throws {
    let receipt = Receipt(
      generation: Receipt.name(of: "g"), read: 64 << 40, sent: 64 << 40, skipped: 64 << 40, blocks: 134_217_728,
      digest: "ascend1:" + String(repeating: "a", count: 64), linear: Data(count: 32).base64EncodedString())
    #expect(receipt.text.utf8.count <= 256)
    #expect(Receipt(receipt.text) == receipt)
    #expect(Receipt("1 2 3") == nil)
  }
}

struct ChoiceTests {
  private func type(
    _ name: String, _ vcpus: Int = 2, _ gib: Int64 = 8, modes: [String] = ["legacy-bios", "uefi"],
    nics: Int = 3, attachments: Int = 28
  ) throws -> InstanceType {
    func element(_ name: String, _ text: String) -> XMLElement { XMLElement(name: name, text: text) }
    func group(_ name: String, _ children: [XMLElement]) -> XMLElement { XMLElement(name: name, children: children) }
    return try #require(
      InstanceType(
        group(
          "item",
          [
            element("instanceType", name), element("hypervisor", "nitro"),
            element("burstablePerformanceSupported", name.hasPrefix("t") ? "true" : "false"),
            group("vCpuInfo", [element("defaultVCpus", "\(vcpus)")]),
            group("memoryInfo", [element("sizeInMiB", "\(gib * 1024)")]),
            group("processorInfo", [group("supportedArchitectures", [element("item", "x86_64")])]),
            group("supportedBootModes", modes.map { element("item", $0) }),
            group("networkInfo", [element("maximumNetworkInterfaces", "\(nics)")]),
            group(
              "ebsInfo",
              [element("maximumEbsAttachments", "\(attachments)"), element("attachmentLimitType", "shared")]),
          ])))
  }

  private let needs = TypeNeeds(
    vcpus: 2, memoryMiB: 8192, architecture: "x86_64", bootMode: "uefi", tpm: false, nics: 1, disks: 1)

  @Test func theCheapestThatFitsWins() throws {
    let types = [
      try type("m5.large"), try type("r5.large", 2, 16), try type("t3.large"), try type("c5.large", 2, 4),
      try type("m5.xlarge", 4, 16), try type("m4.large", modes: ["legacy-bios"]),
    ]
    let ranking = TypeChooser(needs: needs, types: types).ranking()
    #expect(ranking.map(\.type.name) == ["t3.large", "m5.large", "r5.large", "m5.xlarge"])
    let live = TypeChooser(needs: needs, types: types, live: ["r5.large": 0.01]).ranking()
    #expect(live.first?.type.name == "r5.large")
    #expect(TypeChooser.reason(ranking[0], of: 4).contains("burst"))
  }

  @Test func aDearerRegionIsDearerForAll() throws {
    // The table knows the first four, and nobody the last.
    let types = try ["t3.large", "m5.large", "c5.xlarge", "r5.large", "m99.large"].map { try type($0) }
    let told = ["m5.large": 0.192, "r5.large": 0.252, "c5.xlarge": 0.34]
    let ranking = TypeChooser(needs: needs, types: types, live: told).ranking()
    #expect(ranking.map(\.type.name) == ["t3.large", "m5.large", "r5.large", "c5.xlarge", "m99.large"])
    #expect(abs(ranking[0].hour - 2 * 0.0832) < 1e-9 && ranking[0].source == .table)
    #expect(TypeChooser.describe(ranking[0]).contains("about 0.1664 USD"))
    // What has but a guess is last, however cheap the guess is.
    #expect(ranking[4].hour < ranking[3].hour && !ranking[4].isKnown)
    let windows = TypeChooser(needs: needs, types: [try type("m5.large")], system: .windows).ranking()
    #expect(abs(windows[0].hour - 0.096 - 2 * PriceTable.windowsCPU) < 1e-9)
  }

  @Test func oneOfTheAlternativesDoesNotBurst() throws {
    let types = [try type("t3.large"), try type("t3a.large"), try type("t2.large"), try type("m5.large")]
    let picked = TypeChooser.pick(TypeChooser(needs: needs, types: types).ranking())
    #expect(picked.dropFirst().prefix(2).contains { $0.type.name == "m5.large" })
  }

  @Test func disksAndInterfacesShareTheirPlaces() throws {
    var many = needs
    (many.nics, many.disks) = (3, 26)
    #expect(many.missing(try type("m5.large")).count == 1)
    many.disks = 25
    #expect(many.missing(try type("m5.large")).isEmpty)
  }

  @Test func addressesOfASubnet() throws {
    let range = try #require(CIDR("10.0.1.0/24"))
    let taken = ["10.0.1.0", "10.0.1.3", "10.0.1.255", "10.0.2.7"]
    for text in taken { #expect(!range.offers(try #require(CIDR.address(text))), "\(text)") }
    #expect(range.offers(try #require(CIDR.address("10.0.1.4"))))
    #expect(CIDR.address("10.0.1") == nil && CIDR.address("10.0.1.999") == nil && CIDR("10.0.0.0/33") == nil)
  }

  @Test func devicesHaveNames() {
    #expect(
      [0, 10, 11, 36, 37].map(DeviceName.data) == ["/dev/sdf", "/dev/sdp", "/dev/xvdba", "/dev/xvdbz", "/dev/xvdca"])
  }

  @Test func aConsoleTells() {
    #expect(BootLog.judge("[ 1.0] Kernel panic - not syncing: VFS") != .unclear(""))
    if case .failed = BootLog.judge("ALERT! Gave up waiting for root device.\nweb1 login:") {
    } else {
      Issue.record("a shell in the initramfs is no boot")
    }
    #expect(BootLog.judge("Debian GNU/Linux 12 web1 ttyS0\n\nweb1 login: ") == .up("web1 login: "))
  }
}

struct SettingsTests {
  private func problems(_ connection: JSONValue) -> [String] {
    var found: [String] = []
    _ = Settings(connection) { found.append($0.at ?? "") }
    return found.sorted()
  }

  @Test func whatIsWrongIsPointedAt() {
    #expect(problems(["region": "eu-central-1"]) == [])
    #expect(problems([:]) == ["/region"])
    #expect(problems(["region": "eu-central-1", "delivery": "import"]) == ["/bucket"])
    #expect(problems(["region": "eu-central-1", "delivery": "import", "bucket": "s3://a/b"]) == ["/bucket"])
    #expect(problems(["region": "eu-central-1", "delivery": "import", "bucket": "restores"]) == [])
    #expect(problems(["region": "eu-central-1", "delivery": "carrier"]) == ["/delivery"])
    #expect(problems(["region": "eu-central-1", "colour": "red"]) == ["/colour"])
    #expect(problems(["region": "eu-central-1", "endpoint": "http://user:secret@host"]) == ["/endpoint"])
    #expect(problems(["region": "eu-central-1", "endpoints": ["ec2": "nowhere"]]) == ["/endpoints/ec2"])
    #expect(problems(["region": "eu-central-1", "endpoints": ["mail": "https://a"]]) == ["/endpoints/mail"])
    #expect(problems(["region": "eu-central-1", "endpoints": ["iam": "https://a", "kms": "https://b"]]) == [])
    #expect(problems(["region": "eu-central-1", "roleArn": "admin", "caFile": "ca.pem"]) == ["/caFile", "/roleArn"])
    #expect(problems(["region": "eu-central-1", "volumeType": "tape"]) == ["/volumeType"])
    #expect(problems(["region": "eu-central-1", "securityGroupIds": "sg-1"]) == ["/securityGroupIds"])
  }

  @Test func endpointsOfTheEnvironmentComeAfterThoseOfTheTarget() {
    func url(_ service: String, _ more: [String: JSONValue] = [:], _ variables: [String: String]) -> String {
      let connection = (["region": "eu-central-1"] as [String: JSONValue]).merging(more) { _, new in new }
      return Settings(.object(connection)) { _ in }.awsEndpoints(variables).url(service: service)
    }
    let variables = ["AWS_ENDPOINT_URL": "https://all.test", "AWS_ENDPOINT_URL_KMS": "https://kms.test:8443"]
    #expect(url("ec2", [:], variables) == "https://all.test")
    #expect(url("kms", [:], variables) == "https://kms.test:8443")
    #expect(url("kms", ["endpoints": ["kms": "https://own.test"]], variables) == "https://own.test")
    #expect(url("ec2", ["endpoints": ["kms": "https://own.test"]], variables) == "https://all.test")
    #expect(url("kms", ["endpoint": "https://own.test"], variables) == "https://own.test")
    let ignored = variables.merging(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"]) { _, new in new }
    #expect(url("kms", [:], ignored) == "https://kms.eu-central-1.amazonaws.com")
    #expect(url("iam", [:], ["AWS_ENDPOINT_URL_IAM": "https://iam.test"]) == "https://iam.test")
  }

  @Test func theManifestIsWhatTheProgramSays() throws {
    let root = (0..<3).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    let file = try Data(contentsOf: root.appending(path: "connector.json"))
    let document = try JSONDecoder().decode(CapabilityDocument.self, from: file)
    #expect(document == Capabilities.document)
  }
}
