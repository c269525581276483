import Foundation
import Support

extension FuzzTargets {
  /// The gates of images, with what they stand on.
  static let images: [FuzzTarget] = [
    .image("qcow2", changing: "top.qcow2") { try await chain($0, "qcow2") },
    .image("VMDK", changing: "top.vmdk") { try await chain($0, "vmdk") },
    .image("VMDK stream", changing: "disk.vmdk") {
      try await $0.disk("disk.vmdk", "vmdk", options: "subformat=streamOptimized")
    },
    .image("VMDK descriptor", changing: "disk.vmdk", text: true) {
      try await $0.disk("disk.vmdk", "vmdk", options: "subformat=twoGbMaxExtentSparse")
    },
    .image("COWD delta", changing: "top-delta.vmdk", of: "top.vmdk", oldDelta),
    .image("SESPARSE delta", changing: "top-sesparse.vmdk", of: "top.vmdk", spaceEfficient),
    .image("SESPARSE descriptor", changing: "top.vmdk", text: true, spaceEfficient),
    .image("VHD", changing: "disk.vhd") { try await $0.disk("disk.vhd", "vpc") },
    .image("fixed VHD", changing: "disk.vhd") {
      try await $0.disk("disk.vhd", "vpc", size: 8192, options: "subformat=fixed,force_size=on")
    },
    .image("AVHD", changing: "top.avhd", avhd),
    .image("VHDX", changing: "disk.vhdx") { try await $0.disk("disk.vhdx", "vhdx", size: 1 << 20) },
    .image("AVHDX", changing: "top.avhdx", avhdx),
  ]

  /// A flat base, and its content identifier.
  private static func flat(_ folder: TestFolder) async throws -> String {
    try await folder.disk("base.vmdk", "vmdk", size: 1 << 20, options: "subformat=monolithicFlat")
    let text = String(decoding: try folder.bytes("base.vmdk"), as: UTF8.self)
    return String(text.firstMatch(of: /CID=([0-9a-f]+)/)?.1 ?? "")
  }

  private static func oldDelta(_ folder: TestFolder) async throws {
    let identifier = try await flat(folder)
    var delta = TestCOWD(sectors: 2048)
    for sector in [0, 9, 2047] { delta.grains[sector] = Array(repeating: 7, count: 512) }
    try folder.write("top-delta.vmdk", delta.bytes)
    try folder.json(
      "top.vmdk",
      """
      # Disk DescriptorFile
      version=1
      CID=0badcafe
      parentCID=\(identifier)
      createType="vmfsSparse"
      parentFileNameHint="base.vmdk"
      RW 2048 VMFSSPARSE "top-delta.vmdk"

      """)
  }

  private static func spaceEfficient(_ folder: TestFolder) async throws {
    let identifier = try await flat(folder)
    var delta = TestSESparse(sectors: 2048)
    delta.grains = [0: .data(Array(repeating: 7, count: 4096)), 1: .zeros, 2: .discarded]
    delta.grains[255] = .data(Array(repeating: 9, count: 4096))
    try folder.write("top-sesparse.vmdk", delta.bytes)
    let text = delta.descriptor(
      "top-sesparse.vmdk", parent: "base.vmdk", parentID: identifier, identifier: "0badcafe")
    try folder.json("top.vmdk", text)
  }

  private static func avhd(_ folder: TestFolder) async throws {
    try await folder.disk("base.vhd", "vpc", size: 2 << 20, options: "force_size=on")
    var child = TestVHD(size: 2 << 20, blockBytes: 64 << 10, identifier: TestVHDX.guid(31))
    child.parentIdentifier = try TestVHD.identifier(of: folder("base.vhd"))
    child.relativeName = ".\\base.vhd"
    child.absoluteName = "C:\\base.vhd"
    child.blocks = [0: [3: Array(repeating: 9, count: 512)]]
    try folder.write("top.avhd", child.bytes())
  }

  private static func avhdx(_ folder: TestFolder) async throws {
    try await folder.disk("base.vhdx", "vhdx", size: 2 << 20, options: "block_size=1M")
    var child = TestVHDX(size: 2 << 20)
    child.parentLinkage = try TestVHDX.identifier(of: folder("base.vhdx"))
    child.parentNames = ["relative_path": "base.vhdx"]
    child.blocks = [0: .partly([3: Array(repeating: 9, count: 512)])]
    try folder.write("top.avhdx", child.bytes())
  }
}
