import Foundation
import Support
import Synchronization
import Testing

@testable import Disks

@Suite struct DiskConversionTests {
  @Test(arguments: ImageFormatTests.kinds) func everyKindReadsBack(_ kind: ImageFormatTests.Kind) async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 8 << 20))
    let words = kind.options?.split(separator: ",").map(String.init) ?? []
    let subformat = words.first { $0.hasPrefix("subformat=") }?.dropFirst("subformat=".count)
    let options = words.filter { !$0.hasPrefix("subformat=") && !$0.hasPrefix("force_size") }
    let shares = Mutex<[Double]>([])
    try await DiskConversion.convert(
      chain, to: kind.format, subformat: subformat.map(String.init), options: options, at: images.path("out")
    ) { share in shares.withLock { $0.append(share) } }
    let result = try await DiskChain.resolve(
      [ImageLayer(path: images.path("out"), format: kind.format)], within: images.folder)
    #expect(result.virtualSizeBytes == 8 << 20)
    #expect(try await images.same(result, chain))
    let seen = shares.withLock { $0 }
    #expect(seen.last == 1)
    #expect(seen == seen.sorted())
    #expect(try images.fingerprint().keys.allSatisfy { !$0.hasPrefix(".") })
  }

  @Test func staysSparse() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 512 << 20))
    try await DiskConversion.convert(chain, to: .raw, at: images.path("out"))
    var status = stat()
    #expect(stat(images.path("out"), &status) == 0)
    #expect(status.st_blocks * 512 < 2 << 20)
  }

  @Test func isOverAtOnceWhenCancelled() async throws {
    let images = try TestImages()
    let raw = images.path("r")
    _ = try await Tool.output("dd", ["if=/dev/urandom", "of=\(raw)", "bs=1M", "count=512", "status=none"])
    let chain = try images.chain(raw: raw)
    let (started, begin) = AsyncStream<Void>.makeStream()
    let task = Task {
      // Compression of random bytes: slow enough to be in the middle of it.
      try await DiskConversion.convert(chain, to: .vmdk, subformat: "streamOptimized", at: images.path("out")) { _ in
        begin.yield()
      }
    }
    for await _ in started { break }
    try await Task.sleep(for: .milliseconds(150))
    let instant = ContinuousClock.now
    task.cancel()
    let error = try await ascendError { try await task.value }
    #expect(error.code == "cancelled")
    // A second on a computer that is not busy with other tests; the rest of the conversion would take ten or more.
    #expect(ContinuousClock.now - instant < .seconds(4))
    #expect(try images.fingerprint().keys.sorted() == ["r"])
  }

  @Test func leavesNothingWhenItFails() async throws {
    let images = try TestImages()
    let chain = DiskChain(layers: [ImageLayer(path: images.path("gone"), format: .raw)], virtualSizeBytes: 512)
    let failed = try await ascendError { try await DiskConversion.convert(chain, to: .raw, at: images.path("o")) }
    #expect(failed.code == "disk.conversionFailed")
    #expect(try images.fingerprint().isEmpty)
    _ = try images.write("o", "precious".utf8)
    let taken = try await ascendError { try await DiskConversion.convert(chain, to: .raw, at: images.path("o")) }
    #expect(taken.code == "disk.conversionExists")
    let format = try await ascendError {
      try await DiskConversion.convert(chain, to: ImageFormat(rawValue: "luks"), at: images.path("p"))
    }
    #expect(format.code == "disk.unsupportedFormat")
    #expect(try images.fingerprint().keys.sorted() == ["o"])
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
