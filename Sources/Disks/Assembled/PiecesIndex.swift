import Foundation
import Glibc
import Support

/// Lets qemu read an image whose file was cut into pieces, without joining them: a flat VMDK that has them as extents.
enum PiecesIndex {
  /// Each is a file that the tools hold open.
  static let most = 200

  /// The symbolic link to a piece, which gives it a name that a descriptor can hold.
  static func link(_ index: String, _ number: Int) -> String { "\(index).piece\(number)" }

  /// - Throws: `disk.indexFailed`, `disk.unsupported`.
  static func write(_ pieces: [FilePiece], at index: String) throws(AscendError) {
    let plain = String(index[(index.lastIndex(of: "/").map { index.index(after: $0) } ?? index.startIndex)...])
    guard pieces.count <= most, pieces.dropLast().allSatisfy({ $0.length % 512 == 0 }),
      pieces.allSatisfy({ $0.offset % 512 == 0 && $0.length > 0 })
    else {
      throw AscendError(
        "disk.unsupported", "The pieces of the image cannot be read one after the other", object: pieces.first?.path,
        cause: "there are more than \(most) of them, or their sizes are no multiples of 512 bytes",
        remedy: "Join them (cat IMAGE.0* > IMAGE) and correct the descriptor")
    }
    var lines = [
      VMDKDescriptor.firstLine, "version=1", "CID=fffffffe", "parentCID=ffffffff", "createType=\"twoGbMaxExtentFlat\"",
    ]
    for (number, piece) in pieces.enumerated() {
      guard Confinement.isPlainName(plain), symlink(piece.path, link(index, number)) == 0 else {
        throw AscendError(
          "disk.indexFailed", "The pieces of an image cannot be joined", object: link(index, number),
          cause: String(cString: strerror(errno)), remedy: "Put the state into another folder with --state")
      }
      let sectors = (piece.length + 511) / 512
      lines.append("RW \(sectors) FLAT \"\(plain).piece\(number)\" \(piece.offset / 512)")
    }
    try IndexFile(index).write(Array((lines.joined(separator: "\n") + "\n").utf8), at: 0)
  }
}
