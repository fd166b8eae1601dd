"""What a person should see: under the bell, and by mail where wanted."""
