import ConnectorDisk
import ConnectorProtocol
import Foundation
import Synchronization
import Testing

@testable import ConnectorImages

@Suite struct StreamOptimizedTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test(arguments: oddSizes)
  func theImageHoldsTheDisk(_ size: Int64) async throws {
    let disk = try scratch.raw(size: size, Sample.parts(size))
    let reader = try await scratch.reader(disk)
    let last = Mutex<DiskTransfer.Progress?>(nil)
    let image = encode(reader, as: StreamOptimizedEncoder(sizeBytes: size), digests: [.sha1, .sha256]) { now in
      last.withLock { last in
        #expect(now.done >= last?.done ?? 0)
        last = now
      }
    }
    #expect(image.totals == nil)
    let path = try await scratch.write(image, to: "out.vmdk")
    let totals = try #require(image.totals)
    #expect(last.withLock { $0?.done } == size)
    #expect(try scratch.run("sha256sum", [path]).hasPrefix(try #require(totals.digests[.sha256])))
    #expect(try scratch.run("sha1sum", [path]).hasPrefix(try #require(totals.digests[.sha1])))
    let facts = try FileManager.default.attributesOfItem(atPath: path)
    #expect(facts[.size] as? Int64 == totals.bytes)
    #expect(totals.bytes <= image.encoder.largestImage(allocatedBytes: 12 << 20))

    let info = try scratch.info(path, "vmdk")
    #expect(info["virtual-size"] as? Int64 == size)
    let specific = (info["format-specific"] as? [String: Any])?["data"] as? [String: Any]
    #expect(specific?["create-type"] as? String == "streamOptimized")
    try scratch.run("qemu-img", ["check", "-f", "vmdk", path])
    try scratch.expectSame(path, "vmdk", disk, size: size)
  }

  @Test func zerosAreNotStored() async throws {
    let size: Int64 = 64 << 20
    let stored = try scratch.raw("stored", size: size, [(0, [UInt8](repeating: 0, count: 16 << 20))])
    let none = try scratch.raw("none", size: size)
    var sizes: [Int64] = []
    for disk in [stored, none] {
      let image = encode(try await scratch.reader(disk), as: StreamOptimizedEncoder(sizeBytes: size))
      for try await _ in image {}
      sizes.append(try #require(image.totals).bytes)
    }
    #expect(sizes[0] == sizes[1])
    // Header and descriptor, and marker and entries of the directory, footer and end.
    #expect(sizes[1] == (64 << 10) + 5 * 512)
  }

  /// Whatever the order in which threads come to an end.
  @Test func theSameDiskMakesTheSameBytes() async throws {
    let size: Int64 = 40 << 20
    let reader = try await scratch.reader(try scratch.raw(size: size, Sample.parts(size)))
    var seen: Set<String> = []
    for threads in [1, 2, 7] {
      var options = StreamOptimizedEncoder.Options()
      options.threads = threads
      let image = encode(reader, as: StreamOptimizedEncoder(sizeBytes: size, options: options), digests: [.sha256])
      for _ in 0..<2 {
        for try await _ in image {}
        seen.insert(try #require(image.totals?.digests[.sha256]))
      }
    }
    #expect(seen.count == 1)
  }

  @Test func aLargerDiskIsPaddedWithZeros() async throws {
    let disk = try scratch.raw(size: (20 << 20) + 512, [(0, Sample.text(4 << 20)), (20 << 20, Sample.noise(512))])
    let reader = try await scratch.reader(disk)
    let path = try await scratch.write(encode(reader, as: StreamOptimizedEncoder(sizeBytes: 21 << 20)), to: "out.vmdk")
    #expect(try scratch.info(path, "vmdk")["virtual-size"] as? Int64 == 21 << 20)
    let handle = try #require(FileHandle(forWritingAtPath: disk))
    try handle.truncate(atOffset: 21 << 20)
    try scratch.expectSame(path, "vmdk", disk, size: 21 << 20)
  }

  @Test func aSmallerDiskIsRefused() async throws {
    let reader = try await scratch.reader(try scratch.raw(size: 2 << 20))
    let image = encode(reader, as: StreamOptimizedEncoder(sizeBytes: 1 << 20))
    let error = await #expect(throws: ConnectorError.self) { for try await _ in image {} }
    #expect(error?.reason == .connectorBug)
  }

  @Test func theDescriptorSaysWhatWasAskedFor() async throws {
    var options = StreamOptimizedEncoder.Options()
    options.name = "a \"name\"\n.vmdk"
    options.adapterType = "ide"
    options.hardwareVersion = 13
    options.contentID = 0x1234_abcd
    let layout = StreamOptimizedLayout(sizeBytes: 20 << 20, options: options)
    let text = String(decoding: layout.descriptor().prefix { $0 != 0 }, as: UTF8.self)
    #expect(text.contains("RDONLY 40960 SPARSE \"a name.vmdk\"\n"))
    #expect(text.contains("ddb.adapterType = \"ide\"\n"))
    #expect(text.contains("ddb.virtualHWVersion = \"13\"\n"))
    #expect(text.contains("CID=1234abcd\n"))
  }

  /// Markers stand where the format wants them, each with what it announces.
  @Test func aReaderOfTheStreamFindsItsWay() async throws {
    let size: Int64 = 64 << 20
    let reader = try await scratch.reader(try scratch.raw(size: size, Sample.parts(size)))
    let path = try await scratch.write(encode(reader, as: StreamOptimizedEncoder(sizeBytes: size)), to: "out.vmdk")
    let file = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    func number(_ at: Int, _ count: Int) -> UInt64 {
      (0..<count).reduce(0) { $0 | UInt64(file[at + $1]) << UInt64(8 * $1) }
    }
    var at = 64 << 10
    var kinds: [UInt64] = []
    var last = -1
    while at < file.count {
      let length = Int(number(at + 8, 4))
      if length > 0 {
        let sector = Int(number(at, 8))
        #expect(sector > last && sector % 128 == 0)
        last = sector
        at += (12 + length + 511) / 512 * 512
      } else {
        kinds.append(number(at + 12, 4))
        at += 512 + Int(number(at, 8)) * 512
      }
    }
    #expect(kinds == [1, 1, 2, 3, 0])
    #expect(at == file.count)
    #expect(number(56, 8) == .max)
    let directory = Int(number(file.count - 1024 + 56, 8)) * 512
    #expect(number(directory - 512 + 12, 4) == 2)
    #expect(number(Int(number(directory, 4)) * 512 - 512 + 12, 4) == 1)
  }
}
