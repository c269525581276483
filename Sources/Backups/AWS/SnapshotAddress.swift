/// `ebs://snap-…`: a snapshot of AWS, which is not read from there.
enum SnapshotAddress {
  /// What to do instead; nil for an address of another kind.
  static func remedy(_ text: String, scheme: String) -> String? {
    guard scheme == "ebs" else { return nil }
    let name = text.dropFirst("ebs://".count).prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    let snapshot = name.hasPrefix("snap-") ? String(name.prefix(40)) : "SNAPSHOT"
    return
      "Copy the snapshot to a file first, for instance with `coldsnap download \(snapshot) \(snapshot).raw`, and add "
      + "the file; with the answer of `aws ec2 describe-instances` beside it the whole machine is known"
  }
}
