// No include guard: included once for each form of the walk, in its namespace. Needs <simdjson.h> and <string>.

// Every value by its type, keys and strings unescaped, numbers as doubles, everything copied.
void Walk(simdjson::ondemand::value value, std::string& out) {
  switch (value.type()) {
    case simdjson::ondemand::json_type::object:
      for (auto field : value.get_object()) {
        out.append(std::string_view(field.unescaped_key()));
        Walk(field.value(), out);
      }
      break;
    case simdjson::ondemand::json_type::array:
      for (auto member : value.get_array()) Walk(member.value(), out);
      break;
    case simdjson::ondemand::json_type::string:
      out.append(std::string_view(value.get_string()));
      break;
    case simdjson::ondemand::json_type::number: {
      const double number = value.get_double();
      out.append(reinterpret_cast<const char*>(&number), sizeof(number));
      break;
    }
    case simdjson::ondemand::json_type::boolean:
      out.push_back(bool(value.get_bool()) ? 't' : 'f');
      break;
    case simdjson::ondemand::json_type::null:
      out.push_back('n');
      break;
  }
}
