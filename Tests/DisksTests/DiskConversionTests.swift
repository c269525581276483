import Foundation
import Support
import Synchronization
import Testing

@testable import Disks

@Suite struct DiskConversionTests {
  /// Those that a backup or a platform has, each compressed and fixed variety by itself.
  static let kinds: [ImageKind] = [
    .raw, .qcow2, ImageKind(.qcow2, compression: "zlib"), ImageKind(.qcow2, compression: "zstd"), .vmdkSparse,
    .vmdkStream, .vmdkFlat, .vhdDynamic, .vhdFixed, .vhdxDynamic, .vhdxFixed,
  ]

  /// Every ordered pair: one source each time, a sector over whole MiB, in all other kinds.
  @Test(arguments: kinds) func everyKindBecomesEveryOther(_ source: ImageKind) async throws {
    let images = try TestImages()
    let size: Int64 = (6 << 20) + 512
    let raw = try images.chain(raw: images.raw("r", size: Int(size)))
    let from = images.path("from")
    try await DiskConversion.convert(raw, to: source, at: from)
    let chain = try await DiskChain.resolve([ImageLayer(path: from, format: source.format)], within: images.folder)
    for (number, kind) in Self.kinds.enumerated() where kind != source {
      let path = images.path("to\(number)")
      let said = Mutex<[String]>([])
      let shares = Mutex<[Double]>([])
      try await DiskConversion.convert(
        chain, to: kind, at: path, progress: { now in shares.withLock { $0.append(now.share) } },
        log: { line in said.withLock { $0.append(line) } })
      let result = try await DiskChain.resolve([ImageLayer(path: path, format: kind.format)], within: images.folder)
      #expect(result.virtualSizeBytes == size, "\(source.name) to \(kind.name)")
      #expect(try await images.same(result, raw), "\(source.name) to \(kind.name)")
      #expect(said.withLock { $0 }.isEmpty, "\(source.name) to \(kind.name)")
      let seen = shares.withLock { $0 }
      #expect(seen.last == 1 && seen == seen.sorted(), "\(source.name) to \(kind.name)")
    }
    #expect(try images.fingerprint().keys.allSatisfy { !$0.contains(".converting-") })
  }

  private static let sizes: [Int64] = [20 << 20, (20 << 20) + 512, 127 << 30, (2 << 40) + (1 << 20), 4 << 40]

  /// Sizes at which formats have their limits; a fixed VHD in whole MiB, as the strictest of platforms wants it.
  @Test(arguments: sizes) func oddSizesAreKept(_ size: Int64) async throws {
    let images = try TestImages()
    let raw = try images.raw("r", size: Int(size), runs: 3)
    let end = try #require(FileHandle(forUpdatingAtPath: raw))
    try end.seek(toOffset: UInt64(size - 512))
    try end.write(contentsOf: Data(repeating: 0xa5, count: 512))
    try end.close()
    let chain = try images.chain(raw: raw)
    for (number, kind) in [ImageKind.qcow2, .vmdkStream, .vhdDynamic, .vhdFixed, .vhdxDynamic].enumerated() {
      let path = images.path("to\(number)")
      let whole = (size + (1 << 20) - 1) / (1 << 20) * (1 << 20)
      let wanted = kind == .vhdFixed ? whole : size
      guard kind.format != .vpc || size <= 2040 << 30 else {
        let error = try await ascendError { try await DiskConversion.convert(chain, to: kind, at: path) }
        #expect(error.code == "disk.tooLarge")
        continue
      }
      try await DiskConversion.convert(chain, to: kind, sizeBytes: wanted, at: path)
      let result = try await DiskChain.resolve([ImageLayer(path: path, format: kind.format)], within: images.folder)
      #expect(result.virtualSizeBytes == wanted, "\(kind.name)")
      if kind == .vhdFixed {
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 == whole + 512)
      }
      try await images.expectSameEnds(result, chain, size: size)
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test func staysSparse() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 512 << 20))
    try await DiskConversion.convert(chain, to: .raw, at: images.path("out"))
    var status = stat()
    #expect(stat(images.path("out"), &status) == 0)
    #expect(status.st_blocks * 512 < 2 << 20)
  }

  /// By the encoder, which compresses random bytes, and by qemu-img.
  @Test(arguments: [ImageKind.vmdkStream, ImageKind(.qcow2, compression: "zlib")])
  func isOverAtOnceWhenCancelled(_ kind: ImageKind) async throws {
    let images = try TestImages()
    let raw = images.path("r")
    _ = try await Tool.output("dd", ["if=/dev/urandom", "of=\(raw)", "bs=1M", "count=1536", "status=none"])
    let chain = try images.chain(raw: raw)
    var fastest = Duration.seconds(60)
    // A second; other tests may keep the computer busy for longer than that now and then.
    for _ in 0..<5 where fastest > .seconds(1) {
      let (started, begin) = AsyncStream<Void>.makeStream()
      let task = Task {
        try await DiskConversion.convert(chain, to: kind, at: images.path("out")) { _ in begin.yield() }
      }
      for await _ in started { break }
      let instant = ContinuousClock.now
      task.cancel()
      let error = try await ascendError { try await task.value }
      #expect(error.code == "cancelled")
      fastest = min(fastest, ContinuousClock.now - instant)
      #expect(try images.fingerprint().keys.sorted() == ["r"])
    }
    #expect(fastest < .seconds(1))
  }

  @Test func leavesNothingWhenItFails() async throws {
    let images = try TestImages()
    let chain = DiskChain(layers: [ImageLayer(path: images.path("gone"), format: .raw)], virtualSizeBytes: 512)
    for kind in [ImageKind.raw, .vmdkStream, .vhdxDynamic] {
      let failed = try await ascendError { try await DiskConversion.convert(chain, to: kind, at: images.path("o")) }
      #expect(failed.code == "disk.conversionFailed")
    }
    #expect(try images.fingerprint().isEmpty)
    _ = try images.write("o", "precious".utf8)
    let taken = try await ascendError { try await DiskConversion.convert(chain, to: .raw, at: images.path("o")) }
    #expect(taken.code == "disk.conversionExists")
    let format = try await ascendError {
      try await DiskConversion.convert(chain, to: ImageKind(ImageFormat(rawValue: "luks")), at: images.path("p"))
    }
    #expect(format.code == "disk.unsupportedFormat")
    #expect(try images.fingerprint().keys.sorted() == ["o"])
  }

  /// The flat file of a VMDK stands in the way: nothing of the new one stays, and what was there does.
  @Test func leavesWhatIsInTheWay() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 1 << 20))
    _ = try images.write("o-flat.vmdk", "precious".utf8)
    let error = try await ascendError {
      try await DiskConversion.convert(chain, to: .vmdkFlat, at: images.path("o.vmdk"))
    }
    #expect(error.code == "disk.conversionFailed")
    #expect(try images.fingerprint().keys.sorted() == ["o-flat.vmdk", "r"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: images.path("o-flat.vmdk"))) == Data("precious".utf8))
  }

  @Test(
    .enabled(if: geteuid() == 0, "a small file system can be mounted by root only"),
    arguments: [ImageKind.raw, .qcow2, .vmdkStream, .vmdkSparse, .vhdDynamic, .vhdxDynamic])
  func aFullDiskIsSaidAndLeavesNothing(_ kind: ImageKind) async throws {
    let images = try TestImages()
    let raw = images.path("r")
    _ = try await Tool.output("dd", ["if=/dev/urandom", "of=\(raw)", "bs=1M", "count=24", "status=none"])
    let small = images.path("small")
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: false)
    // Where no file system may be mounted there is nothing to test.
    guard try await Tool.run("mount", ["-t", "tmpfs", "-o", "size=12m", "none", small]).exitCode == 0 else { return }
    let error: AscendError
    do {
      error = try await ascendError {
        try await DiskConversion.convert(images.chain(raw: raw), to: kind, at: small + "/o")
      }
    } catch {
      _ = try await Tool.run("umount", [small])
      throw error
    }
    let left = try FileManager.default.subpathsOfDirectory(atPath: small)
    _ = try await Tool.output("umount", [small])
    #expect(error.code == "disk.noSpace")
    #expect(left.isEmpty)
  }

  /// With a qemu-img that cannot read qcow2 into VMDK: the job's log says so, and the disk arrives.
  @Test func goesByWayOfRawWhereTheDirectWayFails() async throws {
    let images = try TestImages()
    let raw = try images.chain(raw: images.raw("r", size: 4 << 20))
    try await DiskConversion.convert(raw, to: .qcow2, at: images.path("q"))
    let chain = try await DiskChain.resolve(
      [ImageLayer(path: images.path("q"), format: .qcow2)], within: images.folder)
    let text = try images.write(
      "broken-img.text",
      #"""
      #!/bin/sh
      case "$*" in *"-O vhdx"*qcow2*) echo "qemu-img: this way is broken" >&2; exit 1 ;; esac
      exec qemu-img "$@"

      """#.utf8)
    // Written by a process of its own: one that another test forks now would hold it open, and it could not be started.
    let tool = images.path("broken-img")
    try await Tool.output("install", ["-m", "755", text, tool])
    try FileManager.default.removeItem(atPath: text)
    let said = Mutex<[String]>([])
    let shares = Mutex<[Double]>([])
    let converter = Converter(
      chain: chain, kind: .vhdxDynamic, path: images.path("o"), tool: tool,
      progress: { now in shares.withLock { $0.append(now.share) } },
      log: { line in said.withLock { $0.append(line) } })
    try await converter.run()
    #expect(
      said.withLock { $0 } == [
        "converting to vhdx dynamic failed (this way is broken): tried again by way of a raw image"
      ])
    let result = try await DiskChain.resolve(
      [ImageLayer(path: images.path("o"), format: .vhdx)], within: images.folder)
    #expect(try await images.same(result, raw))
    let seen = shares.withLock { $0 }
    #expect(seen == seen.sorted() && seen.last == 1)
    #expect(try images.fingerprint().keys.sorted() == ["broken-img", "o", "q", "r"])
  }

  @Test(arguments: kinds) func whatIsTakenIsEstimated(_ kind: ImageKind) async throws {
    let images = try TestImages()
    let path = images.path("o.img")
    let raw = images.path("r")
    _ = try await Tool.output("dd", ["if=/dev/urandom", "of=\(raw)", "bs=1M", "count=24", "status=none"])
    #expect(truncate(raw, 512 << 20) == 0)
    let chain = try images.chain(raw: raw)
    let last = Mutex<ConversionProgress?>(nil)
    let estimate = try await ConversionEstimate.of(chain, as: kind, at: path)
    try await DiskConversion.convert(chain, to: kind, at: path) { now in last.withLock { $0 = now } }
    let names = try images.fingerprint().keys.filter { $0.hasPrefix("o") }
    let taken = try names.reduce(Int64(0)) { sum, name in
      var status = stat()
      try #require(stat(images.path(name), &status) == 0)
      return sum + Int64(status.st_blocks) * 512
    }
    // Random bytes cannot be compressed: twice what is reckoned with, then.
    let reckoned = kind.isCompressed ? 2 * estimate.imageBytes : estimate.imageBytes
    #expect(Double(taken) < 1.05 * Double(reckoned) && Double(taken) > 0.6 * Double(reckoned), "\(kind.name)")
    #expect(estimate.freeBytes > 0 && estimate.seconds > 0)
    #expect(last.withLock { $0?.share } == 1)
    #expect(last.withLock { $0?.secondsLeft } == 0)
  }

  @Test func progressIsReadHoweverItArrives() {
    let text = Array("    (0.00/100%)\r    (12.50/100%)\r    (75.00/100%)\r    (100.00/100%)\r\n".utf8)
    for size in 1...text.count {
      var meter = ProgressMeter()
      var seen: [Double] = []
      for start in stride(from: 0, to: text.count, by: size) {
        if let share = meter.take(Array(text[start..<min(text.count, start + size)])) { seen.append(share) }
      }
      #expect(seen.last == 1)
      if size == 1 { #expect(seen == [0, 0.125, 0.75, 1]) }
    }
    var meter = ProgressMeter()
    #expect(meter.take(Array("(nan/100%) (inf/ (-5/100%) ((((/".utf8)) == 0)
  }
}
