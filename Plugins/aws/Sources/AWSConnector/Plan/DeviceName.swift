/// The names under which volumes are attached.
enum DeviceName {
  static let root = "/dev/sda1"

  /// The nth data disk, from 0: `/dev/sdf` to `/dev/sdp`, then `/dev/xvdba` and on.
  static func data(_ index: Int) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    if index < 11 { return "/dev/sd\(letters[5 + index])" }
    let rest = index - 11
    return "/dev/xvd\(letters[1 + rest / 26])\(letters[rest % 26])"
  }
}
