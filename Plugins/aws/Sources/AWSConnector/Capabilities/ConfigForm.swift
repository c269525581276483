import ConnectorProtocol

/// The forms that a person fills: what reaches this platform, and what a restore onto it may be told.
enum ConfigForm {
  static let connection: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": false,
    "required": ["region"],
    "properties": [
      "region": text(1, "Region", "As eu-central-1.", ["pattern": "^[a-z]{2}(-[a-z]+)+-[0-9]$"], kind: "region"),
      "accessKeyId": text(
        2, "Access key id", "Without keys here, those of the profile, the container or the instance are used."),
      "secretAccessKey": secret(3, "Secret access key", "Of that access key."),
      "sessionToken": secret(4, "Session token", "Comes with temporary keys."),
      "profile": text(5, "Profile", "Of ~/.aws/config and ~/.aws/credentials on this computer."),
      "roleArn": text(6, "Role", "ARN of a role to assume with these keys: arn:aws:iam::123456789012:role/restore."),
      "externalId": text(7, "External id", "What the role's trust policy asks for."),
      "subnetId": text(
        8, "Subnet", "For network interfaces that are not mapped; otherwise a default subnet.", kind: "network"),
      "securityGroupIds": list(9, "Security groups", "Otherwise the VPC's default group.", "securityGroup"),
      "keyName": text(10, "Key pair", "For Windows passwords and images with cloud-init.", kind: "keyPair"),
      "instanceType": text(
        11, "Instance type", "Otherwise the cheapest that fits is chosen.", kind: "instanceType"),
      "volumeType": choice(12, "Volume type", "For disks that are not mapped.", volumeTypes, default: "gp3"),
      "kmsKeyId": text(13, "KMS key", "Encrypts snapshots and volumes: key id, ARN or alias.", kind: "kmsKey"),
      "bucket": text(14, "Bucket", "In the same region; for the import delivery, which needs one."),
      "delivery": choice(
        15, "Delivery", "How disks get there.",
        [("ebs", "Straight into EBS snapshots"), ("import", "By a bucket and VM Import")], default: "ebs"),
      "endpoint": text(
        16, "Endpoint", "One address for all services, instead of Amazon's own.", ["format": "uri"]),
      "endpoints": [
        "type": "object",
        "title": "Endpoints",
        "description": "The address of one service each; goes before the one for all.",
        "properties": .object(
          Dictionary(
            uniqueKeysWithValues: Settings.services.map { name in
              (name, ["type": "string", "title": .string(name), "description": .string("Address of \(name).")])
            })),
        "x-ui": ["order": 17],
      ],
      "pathStyle": flag(
        18, "Path-style S3",
        "Buckets go into the path of the address, not into its host name; otherwise that depends on the address.", nil),
      "caFile": text(
        19, "CA file", "Absolute path of a PEM file with the authorities to trust instead of the system's."),
      "proxy": text(20, "Proxy", "As http://proxy.example.org:3128; otherwise that of the environment."),
    ],
  ]

  static let volumeTypes: [(String, String)] = [
    ("gp3", "General purpose SSD (gp3)"), ("gp2", "General purpose SSD, older (gp2)"),
    ("io2", "Provisioned IOPS SSD (io2)"), ("io1", "Provisioned IOPS SSD, older (io1)"),
    ("st1", "Throughput HDD (st1; not for booting)"), ("sc1", "Cold HDD (sc1; not for booting)"),
  ]

  static let target: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": false,
    "properties": [
      "instanceType": text(1, "Instance type", "Instead of the cheapest that fits.", kind: "instanceType"),
      "subnetId": text(2, "Subnet", "Instead of the target's.", kind: "network"),
      "securityGroupIds": list(3, "Security groups", "Instead of the target's.", "securityGroup"),
      "keyName": text(4, "Key pair", "Instead of the target's.", kind: "keyPair"),
      "volumeType": choice(5, "Volume type", "Instead of the target's.", volumeTypes),
      "iops": number(6, "IOPS", "Of gp3, io1 and io2 volumes.", 100, 256_000),
      "throughput": number(7, "Throughput", "MiB a second, of gp3 volumes.", 125, 2000),
      "kmsKeyId": text(8, "KMS key", "Instead of the target's.", kind: "kmsKey"),
      "instanceProfile": text(9, "Instance profile", "Name of an IAM instance profile.", kind: "instanceProfile"),
      "publicAddress": flag(
        10, "Public address", "Gives the first network interface one; otherwise the subnet decides."),
      "tenancy": choice(
        11, "Tenancy", "Whose machines it shares hardware with.",
        [("default", "Shared"), ("dedicated", "Dedicated instance"), ("host", "Dedicated host")]),
      "hostId": text(12, "Dedicated host", "Its id, where the tenancy is a dedicated host."),
      "license": choice(
        13, "Windows licence", "Who brings it.",
        [("included", "Amazon: the image is imported"), ("byol", "Bring your own")]),
      "keepSnapshots": flag(
        14, "Keep snapshots",
        "Keep the disks' snapshots when the restore is finished: a later restore of the same machine then sends only what has changed.",
        true),
      "startAtOnce": flag(
        15, "Leave running",
        "EC2 starts what it makes. Without this the instance is shut down again at once, until the restore starts it."),
    ],
  ]

  private static func text(
    _ order: Int64, _ title: String, _ description: String, _ more: [String: JSONValue] = [:], kind: String? = nil
  ) -> JSONValue {
    var ui: [String: JSONValue] = ["order": .integer(order)]
    ui["options"] = kind.map { ["inventory": .string($0)] }
    let members: [String: JSONValue] = [
      "type": "string", "title": .string(title), "description": .string(description), "x-ui": .object(ui),
    ]
    return .object(members.merging(more) { _, new in new })
  }

  private static func secret(_ order: Int64, _ title: String, _ description: String) -> JSONValue {
    text(order, title, description, ["writeOnly": true, "format": "password"])
  }

  private static func list(_ order: Int64, _ title: String, _ description: String, _ kind: String) -> JSONValue {
    text(order, title, description, ["type": "array", "items": ["type": "string"]], kind: kind)
  }

  private static func flag(
    _ order: Int64, _ title: String, _ description: String, _ value: Bool? = false
  ) -> JSONValue {
    var more: [String: JSONValue] = ["type": "boolean"]
    more["default"] = value.map { .bool($0) }
    return text(order, title, description, more)
  }

  private static func number(
    _ order: Int64, _ title: String, _ description: String, _ least: Int64, _ most: Int64
  ) -> JSONValue {
    text(
      order, title, description, ["type": "integer", "minimum": .integer(least), "maximum": .integer(most)])
  }

  private static func choice(
    _ order: Int64, _ title: String, _ description: String, _ choices: [(String, String)], default value: String? = nil
  ) -> JSONValue {
    var more: [String: JSONValue] = [
      "oneOf": .array(choices.map { ["const": .string($0.0), "title": .string($0.1)] })
    ]
    more["default"] = value.map { .string($0) }
    return text(order, title, description, more)
  }
}
