import Foundation
import Support
import Testing

@testable import Disks

/// qcow2 images of every kind that qemu writes, whole and cut short.
@Suite struct QcowDamageTests {
  private let images: TestImages

  init() throws { images = try TestImages() }

  private static let kinds = [
    "", "compat=0.10", "cluster_size=4k", "cluster_size=2M", "extended_l2=on,cluster_size=128k",
    "preallocation=metadata", "preallocation=falloc", "preallocation=metadata,cluster_size=1k", "lazy_refcounts=on",
  ]

  private func damage(_ path: String) throws -> String? { try QcowDamage.find(FileWindow(path)) }

  private func write(_ path: String, _ commands: String...) async throws {
    _ = try await Tool.output("qemu-io", ["-f", "qcow2"] + commands.flatMap { ["-c", $0] } + [path])
  }

  private func size(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
  }

  /// As a running machine leaves it: the counts that its writer holds back are not written.
  private func leaveOpen(_ path: String) throws {
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.seek(toOffset: 79)
    try handle.write(contentsOf: Data([1]))
    try handle.close()
  }

  @Test(arguments: kinds) func whatIsWholeIsFoundToBe(_ options: String) async throws {
    let path = images.path("image.qcow2")
    // Not a multiple of any cluster.
    try await images.qemuImg(
      ["create", "-q", "-f", "qcow2"] + (options.isEmpty ? [] : ["-o", options]) + [path, "40449024"])
    #expect(try damage(path) == nil)
    try await write(
      path, "write -P 1 0 3k", "write -P 2 1000k 70k", "write -P 3 5M 9M", "write -z 6M 1M", "discard 8M 1M",
      "write -P 4 40447488 1536")
    #expect(try damage(path) == nil)
  }

  @Test(arguments: ["zlib", "zstd"]) func compressedOnesToo(_ method: String) async throws {
    let raw = try images.raw("r", size: 20 << 20 | 512)
    let path = images.path("image.qcow2")
    try await images.qemuImg(
      "convert", "-c", "-O", "qcow2", "-o", "compression_type=\(method)", "-f", "raw", raw, path)
    #expect(try damage(path) == nil)
    truncate(path, off_t(try size(path) - 4096))
    #expect(try damage(path)?.contains("behind its end") == true)
  }

  @Test(arguments: kinds.filter { !$0.contains("preallocation") })
  func oneThatWasCutShortIsDamagedWhereverItWas(_ options: String) async throws {
    let path = images.path("image.qcow2")
    try await images.qemuImg(
      ["create", "-q", "-f", "qcow2"] + (options.isEmpty ? [] : ["-o", options]) + [path, "32M"])
    try await write(path, "write -P 3 0 24M")
    let whole = try size(path)
    // Where clusters are small, what ends the file may be counts of references.
    for lost in (options.contains("4k") ? [] : [1]) + [65536, 4 << 20, whole - 200_000] {
      truncate(path, off_t(whole - lost))
      #expect(try damage(path)?.contains("behind its end") == true, "without its last \(lost) bytes")
    }
  }

  @Test func oneThatWasNotClosedIsReadAndNotMissedWhenCut() async throws {
    let path = images.path("image.qcow2")
    try await images.qemuImg("create", "-q", "-f", "qcow2", "-o", "lazy_refcounts=on", path, "64M")
    try await write(path, "write -P 3 0 40M")
    try leaveOpen(path)
    let layer = ImageLayer(path: path, format: .qcow2)
    #expect(try QcowDamage.isDirty(FileWindow(path)))
    #expect(try await DiskChain.resolve([layer], within: images.folder).allocatedBytes == 40 << 20)
    #expect(try await ImageCheck.run(layer) == .sound)

    truncate(path, 20 << 20)
    let error = try await ascendError { _ = try await DiskChain.resolve([layer], within: images.folder) }
    #expect(error.code == "disk.corrupt" && error.object == path)
    #expect(error.cause?.contains("behind its end") == true)
    guard case .damaged = try await ImageCheck.run(layer) else {
      Issue.record("the check did not see it")
      return
    }
  }
}
